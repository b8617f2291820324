//! Counts the failed instances of each step with `max_failures`, and withholds the others once too many have failed.

use std::collections::BTreeMap;

use super::dispatcher::Dispatcher;
use super::{Cause, Start};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::graph::{Item, ModuleId, Node, NodeId};
use crate::plan;
use crate::runbook::{OnError, Step};

/// The number of failed instances that an error names.
const NAMED: usize = 5;

/// The failures of the steps with `max_failures`, by module and block.
#[derive(Default)]
pub(super) struct FailureBudgets(BTreeMap<(ModuleId, usize), Budget>);

/// The failures of one step block in one module.
#[derive(Default)]
struct Budget {
    /// The instances that failed, as they are written in an address: `["web01"]`.
    failed: Vec<String>,
    /// The number of failures that the run tolerates.
    most: usize,
    /// The failure with which there were too many.
    exceeded: Option<NodeId>,
    /// The number of instances that were not started because of that.
    withheld: usize,
}

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
        let instance = instance.to_string();
        // A number that cannot be evaluated has failed each instance already.
        let most = plan::max_failures(&self.state.scope(module), expression, &step.address);
        let most = most.ok().flatten().as_ref().and_then(plan::known_number);
        let Some(most) = most else { return false };
        let budget = self.budgets.0.entry((module, index)).or_default();
        budget.failed.push(instance);
        budget.most = most;
        if budget.failed.len() > most {
            budget.exceeded.get_or_insert(id);
        }
        budget.exceeded.is_none()
    }

    /// Ends a step that is about to start, if too many instances of its block have failed; returns true if it did.
    pub(super) fn is_withheld(&mut self, start: Start) -> bool {
        let Start::Work(id) = start else { return false };
        let &Node::Item { module, item: Item::Step(index), .. } = self.schedule.graph().get(id) else {
            return false;
        };
        let has_begun = self.in_flight.has(id);
        let Some(budget) = self.budgets.0.get_mut(&(module, index)).filter(|_| !has_begun) else {
            return false;
        };
        let Some(culprit) = budget.exceeded else { return false };
        budget.withheld += 1;
        let address = self.address(id);
        let runbook = self.state.runbook(module).clone();
        let step = &runbook.steps[index];
        let because = format!("more instances of {} failed than `max_failures` allows", step.address);
        self.gave_nothing(id, step, &address);
        self.not_run(address, Cause::Failure, because);
        let skipped = self.schedule.withhold(id, culprit);
        self.all_skipped(skipped);
        self.forget();
        true
    }

    /// Returns an error for each step of which too many instances have failed.
    pub(super) fn overspent(&self) -> Diagnostics {
        let exceeded = self.budgets.0.iter().filter(|(_, budget)| budget.exceeded.is_some());
        let errors = exceeded.map(|(&(module, index), budget)| {
            let prefix = &self.state.modules.get(module).prefix;
            let step = &self.state.runbook(module).steps[index];
            budget.error(step, &format!("{prefix}{}", step.address))
        });
        errors.collect()
    }
}

impl Budget {
    fn error(&self, step: &Step, address: &str) -> Diagnostic {
        let failed = self.failed.len();
        let plural = if failed == 1 { "" } else { "s" };
        let summary = format!("{failed} instance{plural} failed, and `max_failures` is {}", self.most);
        let named = self.failed.iter().take(NAMED);
        let mut named: Vec<&str> =
            named.map(|instance| instance.trim_start_matches('[').trim_end_matches(']')).collect();
        let others = (failed > NAMED).then(|| format!("and {} more", failed - NAMED));
        named.extend(others.as_deref());
        let failed = format!("failed: {}", named.join(", "));
        let withheld = (self.withheld > 0).then(|| format!("not started: {}", self.withheld));
        let detail = [failed].into_iter().chain(withheld).collect::<Vec<_>>().join("\n");
        let place = step.control.max_failures.as_ref().map_or(step.header, |expression| expression.span);
        Diagnostic::error("too-many-failures", summary)
            .at(place, "")
            .detail(detail)
            .help("find out why they fail, then run again; raise `max_failures` if so many may fail")
            .about(address)
    }
}
