//! Withholds the instances of a step once more of them have failed than `max_failures` allows.

use super::dispatcher::Dispatcher;
use super::{Cause, Start};
use crate::diagnostic::Diagnostics;
use crate::graph::{Item, ModuleId, Node, NodeId};
use crate::plan;
use crate::runbook::{OnError, Step};

impl Dispatcher<'_> {
    /// Counts the failure of a step instance; returns true if the run goes on as if it had succeeded.
    pub(super) fn tolerates(&mut self, id: NodeId, step: &Step) -> bool {
        if step.control.on_error != OnError::Continue {
            return false;
        }
        let Some(expression) = &step.control.max_failures else { return true };
        let &Node::Item { module, item: Item::Step(index), ref instance } = self.schedule.graph().get(id)
        else {
            return false;
        };
        // A number that cannot be evaluated has failed each instance already.
        let most = plan::max_failures(&self.state.scope(module), expression, &step.address);
        let most = most.ok().flatten().as_ref().and_then(plan::known_number);
        most.is_some_and(|most| self.budgets.count((module, index), most, id, instance.to_string()))
    }

    /// Ends a step that is about to start, if too many instances of its block have failed; returns true if it did.
    pub(super) fn is_withheld(&mut self, start: Start) -> bool {
        let id = start.node();
        let &Node::Item { module, item: Item::Step(index), .. } = self.schedule.graph().get(id) else {
            return false;
        };
        // An instance that waits for its next attempt has been started.
        if self.in_flight.has(id) {
            return false;
        }
        let Some(culprit) = self.budgets.withhold((module, index)) else { return false };
        let address = self.address(id);
        let runbook = self.state.runbook(module).clone();
        let step = &runbook.steps[index];
        let block = self.block_address(module, step);
        self.gave_nothing(id, step, &address);
        let because = format!("more instances of {block} failed than `max_failures` allows");
        self.not_run(address, Cause::Failure, because);
        let skipped = self.schedule.withhold(id, culprit);
        self.all_skipped(skipped);
        self.forget();
        true
    }

    /// Returns an error for each step of which too many instances have failed.
    pub(super) fn overspent(&self) -> Diagnostics {
        let errors = self.budgets.exceeded().map(|(module, index, budget)| {
            let step = &self.state.runbook(module).steps[index];
            budget.error(step, &self.block_address(module, step))
        });
        errors.collect()
    }

    fn block_address(&self, module: ModuleId, step: &Step) -> String {
        format!("{}{}", self.state.modules.get(module).prefix, step.address)
    }
}
