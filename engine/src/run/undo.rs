//! Taking back what a run created.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde_json::json;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::change::not_recorded;
use super::clock::milliseconds;
use super::stream::Stream;
use super::{
    CallFacts, Cause, CriticalPath, Event, FORMAT, Observer, PriorRun, RecordedChange, Report, Status,
    StepResults, Summary, failure, recall,
};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::redact::{Salt, Secrets};
use crate::source::Sources;
use crate::step::{
    Call, Change, Context, Effect, ErrorKind, Left, Outcome, PriorState, Progress, Registry, Setting,
    StepError, Work,
};

/// What taking back a run comes to.
pub struct Undo {
    /// What is taken away, or asked about and taken away when the run created it, in this order: the newest first.
    pub steps: Vec<UndoStep>,
    /// The steps whose change stays, and why.
    pub stays: Vec<(String, String)>,
}

/// Something that is taken away.
pub struct UndoStep {
    /// The step that created it.
    pub address: String,
    /// The run that did.
    pub run: String,
    /// The type of the step.
    pub step_type: String,
    /// Whether the run created it for certain; otherwise the service is asked first.
    pub is_certain: bool,
    /// The requests that it takes.
    pub calls: Vec<Call>,
    target: Vec<String>,
    work: Box<dyn Work>,
}

impl Undo {
    /// What is to be done to take back `past`; `is_undone` tells of a step and a target whether that was done before.
    #[must_use]
    pub fn of(
        prior_run: &PriorRun,
        is_undone: impl Fn(&str, &[String]) -> bool,
        registry: &Registry,
    ) -> Self {
        let mut undo = Self { steps: Vec::new(), stays: Vec::new() };
        let mut changes: Vec<&RecordedChange> = prior_run.changes.iter().collect();
        changes.sort_by_key(|recorded| std::cmp::Reverse(recorded.at));
        for recorded in changes {
            if !is_undone(&recorded.step, &recorded.intent.target) {
                undo.take(recorded, registry);
            }
        }
        undo
    }

    fn take(&mut self, recorded: &RecordedChange, registry: &Registry) {
        let unconfirmed = || registry.get(&recorded.step_type)?.undo_unconfirmed(&recorded.intent.target);
        let Some(outcome) = &recorded.outcome else {
            return match (recorded.before, unconfirmed()) {
                (PriorState::Present, _) => {
                    self.stays(
                        recorded,
                        "it was there before, and may have been changed; what it was is not recorded",
                    );
                }
                (_, Some(work)) => self.step(recorded, work, false),
                (_, None) => self.stays(recorded, UNTOLD),
            };
        };
        match outcome.change {
            Change::None | Change::Removed => {}
            Change::Updated => self.stays(recorded, "it was there before, and what it was is not recorded"),
            Change::Created => {
                let outputs = recall::recorded(&outcome.outputs);
                let made_from =
                    registry.get(&recorded.step_type).and_then(|step_type| step_type.undo(&outputs));
                match (made_from, unconfirmed()) {
                    (Some(work), _) => self.step(recorded, work, true),
                    // What it gave is a secret, so the service is asked whether it is the run's.
                    (None, Some(work)) => self.step(recorded, work, false),
                    (None, None) => {
                        self.stays(
                            recorded,
                            "its type cannot take it away, or the record does not tell enough",
                        );
                    }
                }
            }
        }
    }

    fn step(&mut self, recorded: &RecordedChange, work: Box<dyn Work>, is_certain: bool) {
        self.steps.push(UndoStep {
            address: recorded.step.clone(),
            run: recorded.run.clone(),
            step_type: recorded.step_type.clone(),
            is_certain,
            calls: work.calls(),
            target: recorded.intent.target.clone(),
            work,
        });
    }

    fn stays(&mut self, recorded: &RecordedChange, why: &str) {
        self.stays.push((recorded.step.clone(), why.to_owned()));
    }
}

/// Why a change that nobody can be asked about stays.
const UNTOLD: &str = "nobody knows whether it was made, and its type cannot ask the service: look yourself";

/// Everything that taking back a run needs.
pub struct UndoJob<'a> {
    /// The name of the run that takes back.
    pub id: String,
    /// The version of arcbook.
    pub version: &'static str,
    /// Who it acts as.
    pub identity: String,
    /// The world that it acts on.
    pub setting: Setting,
    /// What is taken back.
    pub prior_run: &'a PriorRun,
    /// What that comes to.
    pub undo: Undo,
    /// Where secrets are told.
    pub secrets: Secrets,
}

/// Takes back what a run created, one after the other; what fails does not keep the rest from being taken away.
pub async fn undo(
    job: UndoJob<'_>,
    observer: &mut dyn Observer,
    mut interrupts: mpsc::Receiver<()>,
) -> Report {
    let mut undoing = Undoing {
        events: Stream::new(observer),
        summary: Summary::default(),
        ends: StepResults::default(),
        diagnostics: Diagnostics::new(),
        interrupts: 0,
        secrets: job.secrets.clone(),
        runs: job.prior_run.runs.clone().into(),
        left: Vec::new(),
    };
    undoing.begin(&job);
    let steps = job.undo.steps.len();
    for step in job.undo.steps {
        if undoing.interrupts > 0 {
            undoing.skip(step.address);
        } else {
            undoing.step(step, &mut interrupts).await;
        }
    }
    undoing.end(steps).await
}

struct Undoing<'a> {
    events: Stream<'a>,
    summary: Summary,
    ends: StepResults,
    diagnostics: Diagnostics,
    interrupts: usize,
    secrets: Secrets,
    /// The runs that are taken back.
    runs: Arc<[String]>,
    /// What could not be taken back so far.
    left: Vec<Left>,
}

impl Undoing<'_> {
    fn begin(&mut self, job: &UndoJob<'_>) {
        self.events.emit(Event::RunStarted {
            run: job.id.clone(),
            format: FORMAT,
            runbook: job.prior_run.runbook.clone(),
            directory: job.prior_run.directory.clone(),
            arcbook: job.version.to_owned(),
            identity: job.identity.clone(),
            setting: job.setting.clone(),
            files: Vec::new(),
            read: Vec::new(),
            plan: None,
            variables: json!({}),
            salt: Salt::random().to_string(),
            seals: BTreeMap::new(),
            steps: job.undo.steps.len(),
            resumes: None,
            selection: None,
            undoes: Some(Box::new(job.prior_run.lineage.clone())),
        });
    }

    async fn step(&mut self, step: UndoStep, interrupts: &mut mpsc::Receiver<()>) {
        let UndoStep { address, step_type, is_certain, calls, target, work, .. } = step;
        let left = Left { step: address.clone(), target };
        let began = Instant::now();
        self.events.emit(Event::StepStarted {
            step: address.clone(),
            step_type,
            effect: Effect::Changes.as_str(),
            calls: calls.iter().map(CallFacts::from).collect(),
            fingerprint: None,
            after: None,
            queued_microseconds: 0,
        });
        self.events.emit(Event::ChangeIntended {
            step: address.clone(),
            before: if is_certain { PriorState::Present } else { PriorState::Unknown },
            fingerprint: String::new(),
            arguments: BTreeMap::new(),
        });
        let result = match self.events.barrier().await {
            Ok(()) => self.work(&address, work, interrupts).await,
            Err(reason) => Err(not_recorded(&reason)),
        };
        let milliseconds = milliseconds(began.elapsed());
        match result {
            Ok(Outcome { change, .. }) => {
                self.summary.done += 1;
                self.summary.changed += usize::from(change != Change::None);
                if change != Change::None {
                    self.ends.changed.push((address.clone(), change));
                }
                self.events.emit(Event::StepFinished {
                    step: address,
                    change,
                    outputs: json!({}),
                    milliseconds,
                });
            }
            Err(error) => {
                self.summary.failed += 1;
                self.ends.failed.push((address.clone(), error.summary().to_owned()));
                let errors = Diagnostics::from(failure::described(&error).about(&address));
                self.events.emit(Event::StepFailed {
                    step: address,
                    error: failure::json(&errors, &Sources::new()),
                    uncertain: error.is_uncertain(),
                    tolerated: false,
                    change: None,
                    outputs: None,
                    milliseconds,
                });
                self.diagnostics.append(errors);
                self.left.push(left);
            }
        }
    }

    /// Does one work to its end, or until the user insists on stopping.
    async fn work(
        &mut self,
        address: &str,
        work: Box<dyn Work>,
        interrupts: &mut mpsc::Receiver<()>,
    ) -> Result<Outcome, StepError> {
        let (progress, mut reports) = mpsc::unbounded_channel();
        let context = Context::new(address, Path::new("."), self.secrets.clone(), move |report| {
            // The receiver lives as long as the work.
            drop(progress.send(report));
        })
        .in_runs(self.runs.clone())
        .having_left(self.left.clone());
        let mut running = work.run(context);
        loop {
            tokio::select! {
                biased;
                Some(()) = interrupts.recv() => {
                    self.interrupts += 1;
                    let waits = self.interrupts == 1;
                    self.events.emit(Event::Interrupted { waits });
                    if !waits {
                        let stopped = "the run was stopped before the step was done";
                        return Err(StepError::new(ErrorKind::Stopped, stopped).uncertain());
                    }
                }
                Some(report) = reports.recv() => self.progress(address, report),
                result = &mut running => {
                    while let Ok(report) = reports.try_recv() {
                        self.progress(address, report);
                    }
                    return result;
                }
            }
        }
    }

    fn progress(&mut self, address: &str, progress: Progress) {
        self.events.emit(Event::of_progress(address.to_owned(), progress));
    }

    fn skip(&mut self, step: String) {
        self.summary.skipped += 1;
        let because = "the run was stopped".to_owned();
        self.ends.skipped(&because, &step);
        self.events.emit(Event::StepSkipped { step, cause: Cause::Stopped, because });
    }

    async fn end(mut self, steps: usize) -> Report {
        self.summary.milliseconds = self.events.elapsed() / 1_000;
        let status = match (self.interrupts, self.summary.failed) {
            (0, 0) => Status::Done,
            (0, _) => Status::Failed,
            _ => Status::Interrupted,
        };
        let critical_path = CriticalPath::default();
        let finished =
            Event::RunFinished { status, summary: self.summary, critical_path: critical_path.clone() };
        self.events.emit(finished);
        let mut report = Report {
            status,
            summary: self.summary,
            critical_path,
            steps,
            outputs: Vec::new(),
            ends: self.ends,
            diagnostics: self.diagnostics,
        };
        if let Err(reason) = self.events.barrier().await {
            report.diagnostics.push(
                Diagnostic::error("not-recorded", "the record of the run is not complete").detail(reason),
            );
            report.status = Status::Failed;
        }
        report
    }
}
