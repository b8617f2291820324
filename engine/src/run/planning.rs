//! Ends steps whose change is only planned, or whose result stays unknown.

use super::dispatcher::Dispatcher;
use super::mode::Unasked;
use super::{Cause, Completion, Event, Start};
use crate::graph::NodeId;
use crate::plan::{self, KnownResult, Marking, PlannedChange, PlannedStep};
use crate::runbook::Step;
use crate::step::{Effect, Work};
use crate::value::Entries;

impl Dispatcher<'_> {
    /// Leaves the result of a step instance unknown, except its known outputs.
    pub(super) fn leave(
        &mut self,
        id: NodeId,
        step: &Step,
        address: String,
        unasked: Unasked,
        effect: Effect,
    ) {
        let Unasked { why, known_outputs } = unasked;
        if effect == Effect::Changes {
            return self.would(id, step, address, PlannedChange::unknown(why), &known_outputs);
        }
        self.mode.learn(Some(id), &address, KnownResult::Missing(why.clone()));
        self.not_given(id, step, &address, &known_outputs);
        self.emit(Event::StepSkipped { step: address, cause: Cause::Unknown, because: why });
        self.finish(Start::Work(id), Completion::Done);
    }

    /// Ends a step with the change that its queried target requires.
    pub(super) fn plan(&mut self, id: NodeId, planned_change: PlannedChange, work: &dyn Work) {
        let Some(place) = self.place(id) else { return };
        let known_outputs = known_outputs(place.step(), work);
        self.would(id, place.step(), self.address(id), planned_change, &known_outputs);
    }

    fn would(
        &mut self,
        id: NodeId,
        step: &Step,
        address: String,
        planned_change: PlannedChange,
        known_outputs: &Entries,
    ) {
        self.not_given(id, step, &address, known_outputs);
        let (change, milliseconds) = (planned_change.clone(), self.since(id));
        self.mode.learn(Some(id), &address, KnownResult::Would(planned_change));
        self.emit(Event::ChangePlanned { step: address, change, milliseconds });
        self.finish(Start::Work(id), Completion::Done);
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
pub(super) fn known_outputs(step: &Step, work: &dyn Work) -> Entries {
    // A step that may return nothing has no certain outputs.
    if step.control.always_gives() { work.known_outputs() } else { Entries::new() }
}
