//! Refreshes: determines the changes that a run would make, without making any.
//!
//! A refresh is a run that stops before each change: it runs the steps that read, and queries the existing
//! state for the steps that change something. Values that depend on a change stay unknown, as in a plan.

use std::collections::HashMap;

use tokio::sync::mpsc;

use super::dispatcher::drive;
use super::execute::Prepared;
use super::mode::{Decision, Mode, Unasked};
use super::planning::known_outputs;
use super::{CriticalPath, Event, Job, Observer, Report, Status, StopSignal, Summary};
use crate::graph::NodeId;
use crate::plan::{KnownResult, KnownResults, MadeFiles, PlannedChange, Source, State, When};
use crate::redact::Secrets;
use crate::runbook::{RunOn, Step};
use crate::step::{Effect, Existing, StepError};
use crate::value::Entries;

/// Refreshes for a run of `job`; `interrupts` receives one message each time the user asks to stop.
///
/// Returns the results of the steps; the report contains the failures.
pub async fn refresh(
    job: Job<'_>,
    observer: &mut dyn Observer,
    interrupts: mpsc::Receiver<StopSignal>,
) -> (KnownResults, Report) {
    let answers = KnownResults::new(Source::Services, Secrets::new());
    let writers = MadeFiles::of(job.plan).writers_of_all();
    let mut refresh = Refresh { answers, after: HashMap::new(), writers };
    let report = drive(&job, observer, interrupts, &mut refresh).await;
    (refresh.answers, report)
}

/// The results of a refresh so far.
struct Refresh {
    answers: KnownResults,
    /// For each node after a change that may be made: the step that may make it.
    after: HashMap<NodeId, String>,
    /// The steps that write a file which a step reads, by that step.
    writers: HashMap<NodeId, Vec<NodeId>>,
}

impl Mode for Refresh {
    fn state(&self, job: &Job<'_>) -> State {
        job.plan.state.begin(None)
    }

    fn started(&self, job: &Job<'_>) -> Event {
        let runbook = job.runbook.name.clone();
        let identity = job.plan.actors(&*job.platform);
        Event::RefreshStarted { runbook, identity, steps: job.plan.certain().count() }
    }

    /// Leaves out steps that clean up after failures.
    fn run_on(&self, run_on: RunOn) -> Option<RunOn> {
        (run_on != RunOn::Failure).then_some(RunOn::Success)
    }

    fn cleans_up(&self) -> bool {
        false
    }

    fn starts(&mut self, id: NodeId, mut needs: &mut dyn Iterator<Item = NodeId>) {
        let change = Iterator::find_map(&mut needs, |needed| self.after.get(&needed)).cloned();
        if let Some(change) = change {
            self.after.insert(id, change);
        }
    }

    fn leaves(&self, id: NodeId, step: &Step, when: &When, prepared: &Prepared) -> Option<Unasked> {
        if let When::Later(origins) = when {
            return Some(Unasked { why: format!("its `when` is {origins}"), known_outputs: Entries::new() });
        }
        let unasked = |why: String| Unasked { why, known_outputs: known_outputs(step, &*prepared.work) };
        if let Some(origins) = &prepared.later {
            return Some(unasked(format!("its arguments are {origins}")));
        }
        if prepared.work.only_waits() {
            return Some(unasked("it waits only in a run".to_owned()));
        }
        let reads = prepared.behavior.effect == Effect::Reads;
        let written = || self.writers.get(&id)?.iter().find_map(|writer| self.after.get(writer));
        let change = self.after.get(&id).filter(|_| reads).or_else(written)?;
        Some(unasked(format!("it depends on {change}, a possible change")))
    }

    /// The identity may exist only after the change.
    fn leaves_token(&self, id: NodeId) -> bool {
        self.after.contains_key(&id)
    }

    fn begun(&self, effect: Effect, started: Event) -> Event {
        match started {
            Event::StepStarted { step, step_type, actions, .. } if effect == Effect::Changes => {
                Event::ChangeChecking { step, step_type, actions }
            }
            started => started,
        }
    }

    fn makes_changes(&self) -> bool {
        false
    }

    fn decides(&self, id: NodeId, found: Result<Existing, StepError>) -> Decision {
        match (found, self.after.get(&id)) {
            (Ok(Existing::AsWanted(outcome)), _) => Decision::End(Ok(outcome)),
            (Ok(found), _) => Decision::Plan(PlannedChange::of(&found)),
            // An earlier planned change may create the objects that the query needs.
            (Err(error), Some(change)) => Decision::Plan(PlannedChange::unknown(format!(
                "it depends on {change}, and cannot be asked before it: {}",
                error.summary()
            ))),
            (Err(error), None) => Decision::End(Err(error)),
        }
    }

    fn done(&self, effect: Effect, finished: Event) -> Event {
        match finished {
            Event::StepFinished { step, milliseconds, .. } if effect == Effect::Changes => {
                Event::ChangePlanned { step, change: PlannedChange::Nothing, milliseconds }
            }
            finished => finished,
        }
    }

    fn has_outputs(&self) -> bool {
        false
    }

    fn learn(&mut self, id: Option<NodeId>, address: &str, result: KnownResult) {
        if let (Some(id), KnownResult::Would(_)) = (id, &result) {
            self.after.insert(id, address.to_owned());
        }
        self.answers.insert(address, result);
    }

    fn finished(&self, status: Status, Summary { milliseconds, .. }: Summary, _: CriticalPath) -> Event {
        Event::RefreshFinished { status, milliseconds }
    }
}
