//! Handles the nodes that never start.

use crate::diagnostic::Diagnostics;
use crate::graph::{Item, ModuleId, Node, NodeId, Repeated};
use crate::plan::{KnownResult, View};
use crate::value::Value;

use super::dispatcher::Dispatcher;
use super::{Cause, Event, Skip, failure};

impl Dispatcher<'_> {
    pub(super) fn all_skipped(&mut self, skipped: Vec<(NodeId, Skip)>) {
        for (id, skip) in skipped {
            self.skipped(id, skip);
        }
    }

    fn skipped(&mut self, id: NodeId, skip: Skip) {
        let (cause, because) = match skip {
            Skip::Failed(needed) => (Cause::Failure, format!("{} failed", self.address(needed))),
            Skip::Stopped => (Cause::Stopped, self.stops.why().to_owned()),
            Skip::Unneeded => (Cause::Unneeded, "no step before it failed".to_owned()),
            Skip::LeftOut => (Cause::LeftOut, self.target_filter.because(self.view(), id)),
        };
        let Node::Item { module, item, .. } = *self.schedule.graph().get(id) else { return };
        match item {
            Item::Step(_) => self.step_skipped(id, cause, because),
            Item::Open(block) if !self.state.is_expanded(module, block) => {
                self.state.close(module, block);
                self.tally.block_skipped(cause);
                self.not_run(self.address(id), cause, because);
            }
            Item::Variable(_) | Item::Local(_) | Item::Output(_) => {
                self.state.set(module, item, Value::NULL);
                self.output_skipped((module, item), cause, because);
            }
            Item::Open(Repeated::Step(_) | Repeated::Module(_))
            | Item::Close(_)
            | Item::Outputs(_)
            | Item::Identity(_)
            | Item::Rules(_)
            | Item::Check(_) => {}
        }
    }

    /// Records why an output of the runbook has no value. Nobody asked for one that is left out.
    fn output_skipped(&mut self, (module, item): (ModuleId, Item), cause: Cause, because: String) {
        if let (ModuleId::ROOT, Item::Output(index)) = (module, item)
            && cause != Cause::LeftOut
        {
            self.tally.missing_output(index, because);
        }
    }

    fn step_skipped(&mut self, id: NodeId, cause: Cause, because: String) {
        let Some(place) = self.place(id) else { return };
        let address = self.address(id);
        let Some(begun) = self.in_flight.get_mut(id) else {
            self.gave_nothing(id, place.step(), &address);
            return self.not_run(address, cause, because);
        };
        // The step was parked between attempts: the result of its last attempt is final.
        let error = begun.last.take().unwrap_or_else(|| self.stops.error("the step was done"));
        let errors = Diagnostics::from(failure::step(place.step(), &address, &error));
        self.step_ended_badly(id, place.step(), address, &errors, (false, error.is_uncertain()));
        self.in_flight.end(id);
        self.tally.report_all(errors);
    }

    fn view(&self) -> View<'_> {
        View { graph: self.schedule.graph(), state: &self.state }
    }

    /// Reports that a step does not run.
    pub(super) fn not_run(&mut self, step: String, cause: Cause, because: String) {
        self.mode.learn(None, &step, KnownResult::Missing(because.clone()));
        self.tally.skipped(&step, cause, &because);
        self.emit(Event::StepSkipped { step, cause, because });
    }
}
