//! A planned runbook, and runs of it.

use std::sync::Arc;

use arcbook_engine::diagnostic::{Diagnostics, Style, render_all};
use arcbook_engine::plan::file::Made;
use arcbook_engine::plan::{self, KnownResults, Plan, StepIndex};
use arcbook_engine::policy::PolicyFile;
use arcbook_engine::redact::Secrets;
use arcbook_engine::run::{
    self, Job, Observer, Observers, PlanSignature, PriorRun, Report, ReviewedPlan, StopSignal,
};
use arcbook_engine::runbook::{self, Files, Inputs, Missing, Runbook};
use arcbook_engine::source::Sources;
use arcbook_engine::step::{Actor, Registry};
use tokio::sync::mpsc;

use super::{Events, Log, Tokens, origin, registry};

/// A planned runbook, with everything that a run needs.
pub struct Stage {
    pub runbook: Arc<Runbook>,
    pub plan: Plan,
    pub sources: Sources,
    /// The warnings.
    pub notes: Diagnostics,
    pub log: Log,
    /// The objects that were created (`+x`) or removed (`-x`). A test adds objects that differ (`~x`, or `*x`
    /// in a secret), must be replaced (`!x`), were changed since a run created them (`@x`), or cannot be
    /// queried (`?x`).
    pub service: Log,
    pub registry: Registry,
    pub secrets: Secrets,
    /// The run that is resumed.
    pub prior_run: Option<PriorRun>,
    /// If set, every token request fails.
    pub refuses_tokens: bool,
    /// If set, every token is issued a minute late.
    pub waits_for_tokens: bool,
    pub directory: tempfile::TempDir,
}

/// Loads and plans the text of a runbook; the error is the message that a user would see.
pub fn stage(text: &str) -> Result<Stage, String> {
    stage_with(text, &[])
}

/// Loads and plans the text of a runbook, with values for its variables.
pub fn stage_with(text: &str, values: &[(&str, &str)]) -> Result<Stage, String> {
    stage_files(&[("main.runbook.hcl", text)], values)
}

/// Loads and plans the runbook in these files.
pub fn stage_files(files: &[(&str, &str)], values: &[(&str, &str)]) -> Result<Stage, String> {
    let directory = written(files);
    let (log, service) = (Log::default(), Log::default());
    let registry = registry(&log, &service);
    let mut sources = Sources::new();
    let mut found = Diagnostics::new();
    let made = attempt(directory.path(), values, &registry, &mut sources, &mut found);
    if let Some((runbook, plan)) = made {
        Ok(Stage {
            runbook,
            plan,
            sources,
            notes: found,
            log,
            service,
            registry,
            prior_run: None,
            refuses_tokens: false,
            waits_for_tokens: false,
            secrets: Secrets::new(),
            directory,
        })
    } else {
        Err(seen(&found, &sources))
    }
}

/// Returns the diagnostics of the runbook in these files, and its sources.
pub fn found_in(files: &[(&str, &str)]) -> (Diagnostics, Sources) {
    let directory = written(files);
    let registry = registry(&Log::default(), &Log::default());
    let (mut sources, mut found) = (Sources::new(), Diagnostics::new());
    attempt(directory.path(), &[], &registry, &mut sources, &mut found);
    (found, sources)
}

/// Returns a directory with these files.
fn written(files: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    for (name, text) in files {
        let path = directory.path().join(name);
        std::fs::create_dir_all(path.parent().expect("it is in a directory")).expect("made");
        std::fs::write(path, text).expect("written");
    }
    directory
}

/// Returns the warnings of a valid runbook, as a user would see them.
pub fn notes(stage: &Stage) -> String {
    seen(&stage.notes, &stage.sources)
}

/// Renders messages without the name of the temporary directory.
fn seen(found: &Diagnostics, sources: &Sources) -> String {
    let seen = render_all(found, sources, &Style { color: false, width: 100 });
    let directory = sources.iter().next().and_then(|(_, file)| file.path().parent());
    let directory = directory.unwrap_or(std::path::Path::new("?"));
    seen.replace(&directory.display().to_string(), "DIR")
}

fn attempt(
    directory: &std::path::Path,
    values: &[(&str, &str)],
    registry: &Registry,
    sources: &mut Sources,
    found: &mut Diagnostics,
) -> Option<(Arc<Runbook>, Plan)> {
    let files = found.take(Files::find(directory))?;
    let runbook = runbook::load(&files, registry, sources, found);
    let mut inputs = Inputs::new();
    for (name, text) in values {
        inputs.argument(name, text);
    }
    let mut later = Diagnostics::new();
    let variables = inputs.resolve(&runbook, sources, Missing::Refuse, &mut later);
    let plan = plan::make(&runbook, variables, &KnownResults::default(), &mut later);
    let later = runbook::without_consequences(found, later);
    found.append(later);
    found.tidy();
    if found.has_errors() { None } else { Some((runbook, plan?)) }
}

impl Stage {
    /// Renders diagnostics for a wide screen.
    pub fn seen(&self, found: &Diagnostics) -> String {
        render_all(found, &self.sources, &Style { color: false, width: 1000 })
    }

    /// Runs the plan to its end.
    pub async fn run(&self, parallelism: usize, events: &Events) -> Report {
        let mut observers = Observers::new();
        observers.add(events.clone());
        let (_keep, interrupts) = mpsc::channel(1);
        self.run_with(parallelism, &mut observers, interrupts).await
    }

    /// Refreshes the plan and returns the result.
    pub async fn refresh(&self, events: &Events, interrupts: mpsc::Receiver<StopSignal>) -> (Plan, Report) {
        let mut observers = Observers::new();
        observers.add(events.clone());
        let (answers, report) = run::refresh(self.job(10), &mut observers, interrupts).await;
        let variables = self.plan.state.given();
        let plan = plan::outline(&self.runbook, variables, &answers, &mut Diagnostics::new());
        (plan.expect("no cycle"), report)
    }

    /// Runs the plan with an observer and interrupts.
    pub async fn run_with(
        &self,
        parallelism: usize,
        observer: &mut dyn Observer,
        interrupts: mpsc::Receiver<StopSignal>,
    ) -> Report {
        run::run(self.job(parallelism), observer, interrupts).await
    }

    /// Runs the plan against the reviewed plan `reviewed`.
    pub async fn run_held(
        &self,
        reviewed: &Plan,
        observer: &mut dyn Observer,
        interrupts: mpsc::Receiver<StopSignal>,
    ) -> Report {
        let steps = StepIndex::new(reviewed);
        let made = Made::now(Actor::default());
        let signature = Some(PlanSignature { key: "7".repeat(64), made });
        let held = ReviewedPlan { sha256: "5".repeat(64), steps, files: Arc::default(), signature };
        let policies = vec![PolicyFile {
            file: "site.rego".to_owned(),
            sha256: "6".repeat(64),
            warnings: vec!["one step".to_owned()],
        }];
        run::run(Job { held: Some(held), policies, ..self.job(10) }, observer, interrupts).await
    }

    fn job(&self, parallelism: usize) -> Job<'_> {
        Job {
            id: "test".to_owned(),
            origin: origin(),
            runbook: &self.runbook,
            sources: &self.sources,
            plan: &self.plan,
            platform: Arc::new(Tokens { refuses: self.refuses_tokens, waits: self.waits_for_tokens }),
            secrets: self.secrets.clone(),
            parallelism,
            audited: false,
            prior_run: self.prior_run.as_ref(),
            held: None,
            policies: Vec::new(),
            timeout: self.runbook.settings.timeout,
        }
    }
}
