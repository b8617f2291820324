//! Runs a plan.

use tokio::sync::mpsc;

use super::dispatcher::drive;
use super::mode::{Decision, Mode};
use super::{
    CriticalPath, Event, FORMAT, Job, Observer, Report, RunFinished, RunStarted, Status, StopSignal, Summary,
};
use crate::graph::NodeId;
use crate::plan::file::{FileFacts, read_files};
use crate::plan::{SelectionFacts, State};
use crate::redact::Salt;
use crate::step::{Existing, StepError};

/// Runs a plan; `interrupts` receives one message each time the user asks to stop.
pub async fn run(
    job: Job<'_>,
    observer: &mut dyn Observer,
    interrupts: mpsc::Receiver<StopSignal>,
) -> Report {
    drive(&job, observer, interrupts, &mut Running).await
}

/// A run, which makes the changes.
struct Running;

impl Mode for Running {
    fn state(&self, job: &Job<'_>) -> State {
        job.plan.state.begin(Some(&job.id))
    }

    fn started(&self, job: &Job<'_>) -> Event {
        let Job { runbook, plan, sources, origin, .. } = job;
        let files = runbook.all_files();
        let files = files.iter().map(|&id| sources.file(id));
        let variables = runbook.variables.iter().zip(&plan.variables);
        let salt = Salt::random();
        let sensitive = variables.clone().filter(|(_, value)| value.deep_marks().is_sensitive());
        let seals = sensitive
            .filter_map(|(variable, value)| Some((variable.name.value.to_string(), salt.seal(value)?)));
        Event::RunStarted(Box::new(RunStarted {
            run: job.id.clone(),
            format: FORMAT,
            runbook: runbook.name.clone(),
            directory: runbook.place(),
            by: origin.by.clone(),
            command: origin.command.clone(),
            versions: origin.versions.clone(),
            approval: origin.approval,
            identity: plan.actors(&*job.platform),
            setting: job.platform.setting(),
            files: files.map(FileFacts::of).collect(),
            read: read_files(plan, runbook, salt, &job.secrets),
            plan: job.held.as_ref().map(|held| held.sha256.clone()),
            plan_signature: job.held.as_ref().and_then(|held| held.signature.clone().map(Box::new)),
            variables: variables.map(|(variable, value)| (&*variable.name.value, value)).collect(),
            policies: job.policies.clone(),
            salt: salt.to_string(),
            seals: seals.collect(),
            steps: plan.certain().count(),
            resumes: job.prior_run.map(|prior_run| Box::new(prior_run.lineage.clone())),
            undoes: None,
            ships_to: plan.record.as_ref().map(|store| store.place().to_owned()),
            selection: (!plan.selection.is_all()).then(|| Box::new(SelectionFacts::from(&plan.selection))),
        }))
    }

    fn decides(&self, _: NodeId, found: Result<Existing, StepError>) -> Decision {
        match found {
            Ok(found) => Decision::Change(found),
            Err(error) => Decision::End(Err(error)),
        }
    }

    fn finished(&self, status: Status, summary: Summary, critical_path: CriticalPath) -> Event {
        Event::RunFinished(RunFinished::of(status, summary, critical_path))
    }
}
