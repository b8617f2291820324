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
use super::undo_identities::UndoIdentities;
use super::{
    Cause, CriticalPath, Event, FORMAT, Observer, Origin, PriorRun, Report, RunFinished, RunStarted,
    StopSignal, Undo, UndoStep, failure,
};
use crate::diagnostic::Diagnostics;
use crate::graph::Acting;
use crate::graph::NodeId;
use crate::plan::Named;
use crate::redact::{Salt, Secrets};
use crate::source::Sources;
use crate::step::{
    ActionFacts, Context, Effect, Left, Outcome, PriorState, Setting, Signal, StepError, Token, Work,
};

/// The input of undoing a run.
pub struct UndoJob<'a> {
    /// The name of the run that undoes.
    pub id: String,
    /// The origin of the run that undoes.
    pub origin: Origin,
    /// The environment of the undo, such as the cloud.
    pub setting: Setting,
    /// The identities that act.
    pub identities: UndoIdentities,
    /// The run to undo.
    pub prior_run: &'a PriorRun,
    /// The plan of undoing it.
    pub undo: Undo,
    /// The place that keeps the record of the undo, if it leaves the machine.
    pub ships_to: Option<String>,
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
        identities: job.identities.clone(),
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
    Token(Result<Token, StepError>),
}

/// The work of a step, and how far an earlier undo got with it.
struct Again {
    work: Box<dyn Work>,
    acts_as: Option<String>,
    operation: Option<String>,
    has_begun: bool,
}

/// A running undo.
pub(super) struct Undoing<'a> {
    pub(super) events: Stream<'a>,
    pub(super) futures: Futures<Ended>,
    pub(super) stops: Stops,
    pub(super) tally: Tally,
    pub(super) secrets: Secrets,
    /// The identities that act.
    pub(super) identities: UndoIdentities,
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
            identity: self.machine(&job.undo),
            setting: job.setting.clone(),
            files: Vec::new(),
            read: Vec::new(),
            plan: None,
            plan_signature: None,
            variables: Named::default(),
            policies: Vec::new(),
            salt: Salt::random().to_string(),
            seals: BTreeMap::new(),
            steps: job.undo.steps.len(),
            resumes: None,
            ships_to: job.ships_to.clone(),
            selection: None,
            undoes: Some(Box::new(job.prior_run.lineage.clone())),
        })));
    }

    /// Describes the identity of this machine, if a step acts as it.
    fn machine(&self, undo: &Undo) -> Option<String> {
        let is_machine = |step: &UndoStep| step.acts_as.as_deref() == Some(Acting::MACHINE);
        let machine = self.identities.get(Acting::MACHINE)?;
        undo.steps.iter().any(is_machine).then(|| machine.describe())
    }

    async fn step(&mut self, id: NodeId, step: UndoStep, interrupts: &mut mpsc::Receiver<StopSignal>) {
        self.started(&step);
        let UndoStep { address, acts_as, is_certain, operation, has_begun, target, work, .. } = step;
        let left = Left { step: address.clone(), target };
        let began = Instant::now();
        self.intends(&address, is_certain, operation.as_deref());
        let result = match self.events.barrier().await {
            Ok(()) => {
                self.work(id, &address, Again { work, acts_as, operation, has_begun }, interrupts).await
            }
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

    /// Records that the undoing of a change begins.
    fn started(&mut self, step: &UndoStep) {
        self.events.emit(Event::StepStarted {
            step: step.address.clone(),
            step_type: step.step_type.clone(),
            acts_as: step.acts_as.clone(),
            effect: Effect::Changes,
            title: step.title.clone(),
            secrets: BTreeMap::new(),
            gives_secret: false,
            actions: step.actions.iter().map(ActionFacts::brief).collect(),
            fingerprint: None,
            after: None,
            queued_microseconds: 0,
            queued_for: None,
        });
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
            change: None,
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
        Again { work, acts_as, operation, has_begun }: Again,
        interrupts: &mut mpsc::Receiver<StopSignal>,
    ) -> Result<Outcome, StepError> {
        let sender = self.futures.sender(id);
        let context = Context::new(address, &self.directory, self.secrets.clone(), sender);
        let context = match acts_as.as_deref().and_then(|acts_as| self.identities.get(acts_as)) {
            Some(identity) => context.acting_as(identity),
            None => context,
        };
        let context = context.in_runs(self.runs.clone()).having_left(self.left.clone());
        let context = context.continuing(operation.as_deref());
        let context = context.after(has_begun.then_some(PriorState::Present));
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
