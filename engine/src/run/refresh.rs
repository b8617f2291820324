//! Refreshes: determines the changes that a run would make, without making any.
//!
//! A refresh is a run that stops before each change: it runs the steps that read, and queries the existing
//! state for the steps that change something. Values that depend on a change stay unknown, as in a plan.

use std::collections::HashMap;

use tokio::sync::mpsc;

use super::attempt::Attempt;
use super::dispatcher::{Dispatcher, Job, drive};
use super::ending::Place;
use super::execute::Prepared;
use super::{Cause, Completion, CriticalPath, Event, Observer, Report, Start, Status, Summary};
use crate::graph::NodeId;
use crate::plan::{
    self, KnownResult, KnownResults, Marking, Named, PlannedChange, PlannedStep, Source, When,
};
use crate::redact::Secrets;
use crate::runbook::{RunOn, Step};
use crate::step::{Behavior, Change, Effect, Existing, StepError, Work};
use crate::value::{Entries, Value};

/// Refreshes for a run of `job`; `interrupts` receives one message each time the user asks to stop.
///
/// Returns the results of the steps; the report contains the failures.
pub async fn refresh(
    job: Job<'_>,
    observer: &mut dyn Observer,
    interrupts: mpsc::Receiver<()>,
) -> (KnownResults, Report) {
    let mut dispatcher = drive(&job, observer, interrupts, Some(Refresh::new())).await;
    let answers = dispatcher.refresh.take().map(|refresh| refresh.answers);
    (answers.unwrap_or_default(), dispatcher.end(finished).await)
}

fn finished(status: Status, Summary { milliseconds, .. }: Summary, _: CriticalPath) -> Event {
    Event::RefreshFinished { status, milliseconds }
}

/// The results of a refresh so far.
pub(super) struct Refresh {
    answers: KnownResults,
    /// For each node after a change that may be made: the step that may make it.
    after: HashMap<NodeId, String>,
}

impl Refresh {
    fn new() -> Self {
        Self { answers: KnownResults::new(Source::Services, Secrets::new()), after: HashMap::new() }
    }
}

/// Returns the `run_on` of a step in a refresh; none for steps that clean up after failures, which it leaves
/// out.
pub(super) fn run_on(run_on: RunOn) -> Option<RunOn> {
    (run_on != RunOn::Failure).then_some(RunOn::Success)
}

impl Dispatcher<'_> {
    /// Records the change that precedes a node, if any.
    pub(super) fn follow(&mut self, id: NodeId) {
        let Some(refresh) = &mut self.refresh else { return };
        let graph = self.schedule.graph();
        if let Some(change) = graph.needs(id).find_map(|needed| refresh.after.get(&needed)).cloned() {
            refresh.after.insert(id, change);
        }
    }

    /// Returns the reason why a refresh does not query a prepared step, with its known outputs.
    pub(super) fn unasked(
        &self,
        id: NodeId,
        step: &Step,
        when: &When,
        prepared: &Prepared,
    ) -> Option<(String, Entries)> {
        let refresh = self.refresh.as_ref()?;
        if let When::Later(origins) = when {
            return Some((format!("its `when` is {origins}"), Entries::new()));
        }
        let known_outputs = || known_outputs(step, &*prepared.work);
        if let Some(origins) = &prepared.later {
            return Some((format!("its arguments are {origins}"), known_outputs()));
        }
        let reads = prepared.behavior.effect == Effect::Reads;
        let change = refresh.after.get(&id).filter(|_| reads)?;
        Some((format!("it depends on {change}, a possible change"), known_outputs()))
    }

    /// Leaves the result of a step instance unknown, except its known outputs.
    pub(super) fn leave(
        &mut self,
        id: NodeId,
        step: &Step,
        address: String,
        ((why, known_outputs), behavior): ((String, Entries), Behavior),
    ) {
        if behavior.effect == Effect::Changes {
            return self.would(id, step, &address, PlannedChange::unknown(why), &known_outputs);
        }
        self.answer(&address, KnownResult::Missing(why.clone()));
        self.not_given(id, step, &address, &known_outputs);
        self.emit(Event::StepSkipped { step: address, cause: Cause::Unknown, because: why });
        self.finish(Start::Work(id), Completion::Done);
    }

    /// Ends a step that changes something, with the queried state.
    pub(super) fn refreshed(&mut self, id: NodeId, attempt: &Attempt, found: Result<Existing, StepError>) {
        let Some(place) = self.place(id) else { return };
        let step = place.step();
        let address = self.address(id);
        let after = self.refresh.as_ref().and_then(|refresh| refresh.after.get(&id)).cloned();
        let known_outputs = known_outputs(step, &*attempt.work);
        match (found, after) {
            (Ok(Existing::AsWanted(outcome)), _) => self.step_ended(id, Ok(outcome)),
            (Ok(found), _) => self.would(id, step, &address, PlannedChange::of(&found), &known_outputs),
            // An earlier planned change may create the objects that the query needs.
            (Err(error), Some(change)) => {
                let why =
                    format!("it depends on {change}, and cannot be asked before it: {}", error.summary());
                self.would(id, step, &address, PlannedChange::unknown(why), &known_outputs);
            }
            (Err(error), None) => self.step_ended(id, Err(error)),
        }
    }

    /// Ends a step whose change is planned.
    fn would(
        &mut self,
        id: NodeId,
        step: &Step,
        address: &str,
        planned_change: PlannedChange,
        known_outputs: &Entries,
    ) {
        self.not_given(id, step, address, known_outputs);
        if let Some(refresh) = &mut self.refresh {
            refresh.after.insert(id, address.to_owned());
        }
        self.known_outputs(id, address, &planned_change);
        self.answer(address, KnownResult::Would(planned_change));
        self.finish(Start::Work(id), Completion::Done);
    }

    /// Ends a step that returned a result.
    pub(super) fn answered(&mut self, id: NodeId, place: &Place, address: &str, object: Value) {
        if self.is_change(id) {
            self.known_outputs(id, address, &PlannedChange::Nothing);
        } else {
            let (change, milliseconds) = (Change::None, self.since(id));
            self.emit(Event::StepFinished {
                step: address.to_owned(),
                change,
                outputs: Named::of_result(&object, &place.step().step_type.schema().outputs),
                milliseconds,
            });
        }
        self.state.set_step(place.module, place.index, &place.instance, object.clone());
        self.answer(address, KnownResult::Gave(object));
        self.summary.done += 1;
        self.finish(Start::Work(id), Completion::Done);
    }

    fn known_outputs(&mut self, id: NodeId, address: &str, planned_change: &PlannedChange) {
        let (step, milliseconds) = (address.to_owned(), self.since(id));
        self.emit(Event::ChangePlanned { step, change: planned_change.clone(), milliseconds });
    }

    /// Records a result, in a refresh.
    pub(super) fn answer(&mut self, address: &str, answer: KnownResult) {
        if let Some(refresh) = &mut self.refresh {
            refresh.answers.insert(address, answer);
        }
    }

    /// Sets the result of a step instance to unknown, except its known outputs.
    fn not_given(&mut self, id: NodeId, step: &Step, address: &str, known_outputs: &Entries) {
        let Some(place) = self.place(id) else { return };
        let marks = self.planned(id).map(PlannedStep::marks).unwrap_or_default();
        let object = plan::pending(Marking { step, address, arguments: &marks }, known_outputs);
        self.state.set_step(place.module, place.index, &place.instance, object);
    }
}

/// Returns the known outputs of a step that is certain to run.
fn known_outputs(step: &Step, work: &dyn Work) -> Entries {
    // A step that may return nothing has no certain outputs.
    if step.control.always_gives() { work.known_outputs() } else { Entries::new() }
}
