//! Undoes a run: removes, puts back or recreates the objects that it changed.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::change::not_recorded;
use super::clock::milliseconds;
use super::futures::{Futures, Message};
use super::stops::Stops;
use super::stream::Stream;
use super::tally::{Tally, incomplete};
use super::{
    Cause, CriticalPath, Event, FORMAT, Observer, Origin, PriorRun, RecordedChange, Report, RunFinished,
    RunStarted, StopSignal, Undone, failure, recall,
};
use crate::diagnostic::Diagnostics;
use crate::graph::NodeId;
use crate::plan::{Named, ShownValue};
use crate::redact::{Salt, Secrets};
use crate::source::Sources;
use crate::step::{
    Action, ActionFacts, Change, Context, Effect, Left, Outcome, Platform, PriorState, Receipt, Registry,
    Signal, StepError, Title, TokenFacts, Work,
};
use crate::value::Value;

/// The plan of undoing a run.
pub struct Undo {
    /// The changes to undo, newest first; uncertain ones are queried first, and undone only if the run made
    /// them.
    pub steps: Vec<UndoStep>,
    /// The steps whose change stays, with the reasons.
    pub stays: Vec<(String, String)>,
}

/// The undoing of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UndoKind {
    /// The object that the step created is removed.
    Remove,
    /// The object that the step updated gets its prior state back.
    PutBack,
    /// The object that the step removed is created anew.
    Recreate,
}

/// A change to undo.
pub struct UndoStep {
    /// The kind of undoing.
    pub kind: UndoKind,
    /// The address of the step that made the change.
    pub address: String,
    /// The run that made it.
    pub run: String,
    /// The type of the step.
    pub step_type: String,
    /// The object, in the words of the record.
    pub title: Title,
    /// True if the run is known to have made it; otherwise the service is queried first.
    pub is_certain: bool,
    /// The actions of the undoing.
    pub actions: Vec<Action>,
    /// The operation that an earlier undo started and did not see the end of.
    operation: Option<String>,
    target: Vec<String>,
    work: Box<dyn Work>,
}

impl Undo {
    /// Plans the undoing of what earlier runs have not `undone` of `prior_run`.
    #[must_use]
    pub fn of(prior_run: &PriorRun, undone: &Undone, registry: &Registry) -> Self {
        let mut undo = Self { steps: Vec::new(), stays: Vec::new() };
        let mut changes: Vec<&RecordedChange> = prior_run.changes.iter().collect();
        changes.sort_by_key(|recorded| std::cmp::Reverse(recorded.at));
        for recorded in changes {
            if !undone.has(&recorded.step, &recorded.intent.target) {
                undo.take(recorded, registry);
            }
        }
        for step in &mut undo.steps {
            step.operation = undone.operation(&step.address, &step.target).map(str::to_owned);
        }
        undo
    }

    /// Returns true if an action needs a token.
    #[must_use]
    pub fn needs_identity(&self) -> bool {
        self.steps.iter().flat_map(|step| &step.actions).any(|action| action.audience().is_some())
    }

    fn take(&mut self, recorded: &RecordedChange, registry: &Registry) {
        let receipt = receipt(recorded);
        let undo = |receipt: &Receipt| registry.get(&recorded.step_type)?.undo(receipt);
        let unconfirmed = || undo(&receipt.unconfirmed());
        let lasting = registry.get(&recorded.step_type).and_then(|step_type| step_type.lasting());
        let kept = |why| lasting.unwrap_or(why);
        let Some(outcome) = &recorded.outcome else {
            return match (recorded.before, unconfirmed()) {
                (PriorState::Present, Some(work)) if receipt.prior.is_some() => {
                    self.step(recorded, work, (UndoKind::PutBack, false));
                }
                (PriorState::Present, None) if receipt.prior.is_some() => {
                    self.stays(recorded, &untold(lasting))
                }
                // Without its prior state, an object that existed before is never touched.
                (PriorState::Present, _) => self.stays(
                    recorded,
                    "it existed before, and may have been changed; no record has its prior state",
                ),
                (_, Some(work)) => self.step(recorded, work, (UndoKind::Remove, false)),
                (_, None) => self.stays(recorded, &untold(lasting)),
            };
        };
        match (outcome.change, undo(&receipt)) {
            (Change::None, _) => {}
            (Change::Created, Some(work)) => self.step(recorded, work, (UndoKind::Remove, true)),
            // The outputs contain secrets that the record lacks, so the service is asked whether the object is
            // the run's.
            (Change::Created, None) => match unconfirmed() {
                Some(work) => self.step(recorded, work, (UndoKind::Remove, false)),
                None => self.stays(recorded, kept("the record does not say enough to remove it")),
            },
            (Change::Updated, Some(work)) => self.step(recorded, work, (UndoKind::PutBack, true)),
            (Change::Updated, None) => {
                self.stays(recorded, kept("it existed before, and no record has its prior state"));
            }
            (Change::Removed, Some(work)) => self.step(recorded, work, (UndoKind::Recreate, true)),
            (Change::Removed, None) => {
                self.stays(recorded, kept("the run removed it, and no record has its prior state"));
            }
        }
    }

    fn step(&mut self, recorded: &RecordedChange, work: Box<dyn Work>, (kind, is_certain): (UndoKind, bool)) {
        self.steps.push(UndoStep {
            kind,
            address: recorded.step.clone(),
            run: recorded.run.clone(),
            step_type: recorded.step_type.clone(),
            title: recorded.title.clone(),
            is_certain,
            actions: work.actions(),
            operation: None,
            target: recorded.intent.target.clone(),
            work,
        });
    }

    fn stays(&mut self, recorded: &RecordedChange, why: &str) {
        self.stays.push((recorded.step.clone(), why.to_owned()));
    }
}

/// Returns the facts about a recorded change, without the values of which the record lacks a part.
fn receipt(recorded: &RecordedChange) -> Receipt {
    let outcome = recorded.outcome.as_ref();
    let whole = |shown: &ShownValue| shown.to_value().ok().filter(|_| shown.is_whole());
    let arguments = recorded.intent.arguments.iter();
    Receipt {
        target: recorded.intent.target.clone(),
        change: outcome.map(|outcome| outcome.change),
        arguments: arguments
            .map(|(name, text)| (Arc::from(name.as_str()), Value::from(text.as_str())))
            .collect(),
        outputs: outcome.map(|outcome| recall::recorded(&outcome.outputs)).unwrap_or_default(),
        before: recorded.before,
        prior: recorded.prior.as_deref().and_then(whole),
        kept: recorded.kept.as_ref().map(PathBuf::from),
        proof: match outcome {
            Some(outcome) => outcome.receipt.as_deref(),
            None => recorded.proof.as_deref(),
        }
        .and_then(whole),
        is_accepted: recorded.is_accepted,
    }
}

/// Returns the reason why an unconfirmed change stays.
fn untold(lasting: Option<&str>) -> String {
    match lasting {
        Some(why) => format!("the change is unconfirmed, and {why}: check it yourself"),
        None => UNTOLD.to_owned(),
    }
}

/// The reason why an unconfirmed change stays that could be undone.
const UNTOLD: &str = "the change is unconfirmed, and nothing on record shows whether it was made: resume the run, and then undo it, or check it yourself";

/// The input of undoing a run.
pub struct UndoJob<'a> {
    /// The name of the run that undoes.
    pub id: String,
    /// The origin of the run that undoes.
    pub origin: Origin,
    /// The platform, which acquires tokens.
    pub platform: Arc<dyn Platform>,
    /// The run to undo.
    pub prior_run: &'a PriorRun,
    /// The plan of undoing it.
    pub undo: Undo,
    /// The registry of secrets.
    pub secrets: Secrets,
}

/// Undoes the changes of a run, one after the other; a failure does not stop the rest.
pub async fn undo(
    job: UndoJob<'_>,
    observer: &mut dyn Observer,
    mut interrupts: mpsc::Receiver<StopSignal>,
) -> Report {
    let mut undoing = Undoing {
        events: Stream::new(observer),
        futures: Futures::new(),
        stops: Stops::default(),
        tally: Tally::default(),
        secrets: job.secrets.clone(),
        directory: PathBuf::from(&job.prior_run.directory),
        runs: job.prior_run.runs.clone().into(),
        left: Vec::new(),
    };
    undoing.begin(&job);
    let steps = job.undo.steps.len();
    undoing.tokens(&job, &mut interrupts).await;
    for (index, step) in job.undo.steps.into_iter().enumerate() {
        if undoing.stops.is_interrupted() {
            undoing.skip(step.address);
        } else {
            undoing.step(NodeId::new(index), step, &mut interrupts).await;
        }
    }
    undoing.end(steps).await
}

/// The end of what an undo waited for.
pub(super) enum Ended {
    /// A step has ended.
    Step(Result<Outcome, StepError>),
    /// A token was acquired, or refused.
    Token(Result<TokenFacts, StepError>),
}

/// A running undo.
pub(super) struct Undoing<'a> {
    pub(super) events: Stream<'a>,
    pub(super) futures: Futures<Ended>,
    pub(super) stops: Stops,
    pub(super) tally: Tally,
    pub(super) secrets: Secrets,
    /// The directory of the runbook.
    pub(super) directory: PathBuf,
    /// The names of the runs to undo.
    runs: Arc<[String]>,
    /// The changes that could not be undone so far.
    left: Vec<Left>,
}

impl Undoing<'_> {
    fn begin(&mut self, job: &UndoJob<'_>) {
        self.events.emit(Event::RunStarted(Box::new(RunStarted {
            run: job.id.clone(),
            format: FORMAT,
            runbook: job.prior_run.runbook.clone(),
            directory: job.prior_run.directory.clone(),
            by: job.origin.by.clone(),
            command: job.origin.command.clone(),
            versions: job.origin.versions.clone(),
            approval: job.origin.approval,
            identity: job.undo.needs_identity().then(|| job.platform.identity()),
            setting: job.platform.setting(),
            files: Vec::new(),
            read: Vec::new(),
            plan: None,
            variables: Named::default(),
            salt: Salt::random().to_string(),
            seals: BTreeMap::new(),
            steps: job.undo.steps.len(),
            resumes: None,
            selection: None,
            undoes: Some(Box::new(job.prior_run.lineage.clone())),
        })));
    }

    async fn step(&mut self, id: NodeId, step: UndoStep, interrupts: &mut mpsc::Receiver<StopSignal>) {
        let UndoStep { address, step_type, title, is_certain, actions, operation, target, work, .. } = step;
        let left = Left { step: address.clone(), target };
        let began = Instant::now();
        self.events.emit(Event::StepStarted {
            step: address.clone(),
            step_type,
            effect: Effect::Changes,
            title,
            secrets: BTreeMap::new(),
            actions: actions.iter().map(ActionFacts::brief).collect(),
            fingerprint: None,
            after: None,
            queued_microseconds: 0,
            queued_for: None,
        });
        self.intends(&address, is_certain, operation.as_deref());
        let result = match self.events.barrier().await {
            Ok(()) => self.work(id, &address, (work, operation), interrupts).await,
            Err(reason) => Err(not_recorded(&reason)),
        };
        let milliseconds = milliseconds(began.elapsed());
        match result {
            Ok(Outcome { change, .. }) => {
                self.tally.done(&address, change);
                self.events.emit(Event::StepFinished {
                    step: address,
                    change,
                    outputs: Named::default(),
                    receipt: None,
                    milliseconds,
                });
            }
            Err(error) => {
                let errors = Diagnostics::from(failure::described(&error).about(&address));
                self.tally.failed(&address, failure::why(&errors));
                self.events.emit(Event::StepFailed {
                    step: address,
                    error: failure::json(&errors, &Sources::new()),
                    uncertain: error.is_uncertain(),
                    tolerated: false,
                    change: None,
                    outputs: None,
                    receipt: None,
                    milliseconds,
                });
                self.tally.report_all(errors);
                self.left.push(left);
            }
        }
    }

    /// Records that the change of a step is about to be undone, or that the service still undoes it.
    fn intends(&mut self, address: &str, is_certain: bool, operation: Option<&str>) {
        if let Some(operation) = operation {
            let (step, operation) = (address.to_owned(), operation.to_owned());
            self.events.emit(Event::OperationStarted { step, operation });
        }
        self.events.emit(Event::ChangeIntended {
            step: address.to_owned(),
            before: if is_certain { PriorState::Present } else { PriorState::Unknown },
            fingerprint: String::new(),
            arguments: BTreeMap::new(),
            prior: None,
            kept: None,
            proof: None,
        });
    }

    /// Runs `work` to its end, or until a second interrupt.
    async fn work(
        &mut self,
        id: NodeId,
        address: &str,
        (work, operation): (Box<dyn Work>, Option<String>),
        interrupts: &mut mpsc::Receiver<StopSignal>,
    ) -> Result<Outcome, StepError> {
        let sender = self.futures.sender(id);
        let context = Context::new(address, &self.directory, self.secrets.clone(), sender);
        let context = context.in_runs(self.runs.clone()).having_left(self.left.clone());
        let context = context.continuing(operation.as_deref());
        self.futures.launch(id, async move { Ended::Step(work.run(context).await) });
        match self.end_of(id, address, interrupts).await {
            Some(Ended::Step(result)) => result,
            _ => Err(self.stops.error("the step was done").uncertain()),
        }
    }

    /// Waits for the end of what was launched; none if a second interrupt aborted it.
    pub(super) async fn end_of(
        &mut self,
        id: NodeId,
        address: &str,
        interrupts: &mut mpsc::Receiver<StopSignal>,
    ) -> Option<Ended> {
        loop {
            tokio::select! {
                biased;
                Some(signal) = interrupts.recv(), if self.stops.may_interrupt() => self.interrupt(signal),
                message = self.futures.next() => match message {
                    Message::Signal(_, signal) => self.signal(address, signal).await,
                    Message::Ended(signals, _, ended) => {
                        for (_, signal) in signals {
                            self.signal(address, signal).await;
                        }
                        self.futures.forget(id);
                        return ended;
                    }
                }
            }
        }
    }

    fn interrupt(&mut self, signal: StopSignal) {
        let waits = self.stops.interrupt();
        self.events.emit(Event::Interrupted { signal, waits });
        if !waits {
            self.futures.abort_all(|_| true);
        }
    }

    async fn signal(&mut self, address: &str, signal: Signal) {
        let step = address.to_owned();
        match signal {
            Signal::Progress(progress) => self.events.emit(Event::of_progress(step, progress)),
            Signal::Accepted { operation, stored } => {
                self.events.emit(Event::OperationStarted { step, operation });
                // The work may have been stopped meanwhile.
                drop(stored.send(self.events.barrier().await));
            }
            Signal::Settled { state } => self.events.emit(Event::OperationFinished { step, state }),
            // One change is undone at a time, so nobody else needs the place.
            Signal::Waits => {}
            Signal::Continues(free) => drop(free.send(())),
        }
    }

    fn skip(&mut self, step: String) {
        let because = self.stops.why().to_owned();
        self.tally.skipped(&step, Cause::Stopped, &because);
        self.events.emit(Event::StepSkipped { step, cause: Cause::Stopped, because });
    }

    async fn end(mut self, steps: usize) -> Report {
        let status = self.tally.status(self.stops.is_interrupted());
        let summary = self.tally.summary(self.events.elapsed() / 1_000);
        let critical_path = CriticalPath::default();
        self.events.emit(Event::RunFinished(RunFinished::of(status, summary, critical_path.clone())));
        if let Err(reason) = self.events.barrier().await {
            self.tally.report(incomplete(reason));
        }
        self.tally.into_report((status, summary), critical_path, steps, |_| String::new())
    }
}
