//! Counts the failed instances of each step with `max_failures`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::diagnostic::Diagnostic;
use crate::graph::{ModuleId, NodeId};
use crate::runbook::Step;

/// The number of failed instances that an error names.
const NAMED: usize = 5;

/// The failures of the steps with `max_failures`, by module and block.
#[derive(Default)]
pub(super) struct FailureBudgets(BTreeMap<(ModuleId, usize), FailureBudget>);

/// The failures of one step block in one module.
#[derive(Default)]
pub(super) struct FailureBudget {
    /// The instances that failed, as they are written in an address: `["web01"]`.
    failed: Vec<String>,
    /// The number of failures that the run tolerates.
    most: usize,
    /// The failure with which there were too many.
    exceeded: Option<NodeId>,
    /// The number of instances that were not started because of that.
    withheld: usize,
}

impl FailureBudgets {
    /// Counts the failure of an instance of a block of which `most` may fail; returns true if it is tolerated.
    pub fn count(&mut self, block: (ModuleId, usize), most: usize, id: NodeId, instance: String) -> bool {
        let budget = self.0.entry(block).or_default();
        budget.failed.push(instance);
        budget.most = most;
        if budget.failed.len() > most {
            budget.exceeded.get_or_insert(id);
        }
        budget.exceeded.is_none()
    }

    /// Counts an instance of a block that is not started; returns the failure because of which, if there is one.
    pub fn withhold(&mut self, block: (ModuleId, usize)) -> Option<NodeId> {
        let budget = self.0.get_mut(&block)?;
        let culprit = budget.exceeded?;
        budget.withheld += 1;
        Some(culprit)
    }

    /// Returns the blocks of which too many instances have failed.
    pub fn exceeded(&self) -> impl Iterator<Item = (ModuleId, usize, &FailureBudget)> {
        let exceeded = self.0.iter().filter(|(_, budget)| budget.exceeded.is_some());
        exceeded.map(|(&(module, index), budget)| (module, index, budget))
    }
}

impl FailureBudget {
    /// Returns the error that too many instances of the step at `address` have failed.
    pub fn error(&self, step: &Step, address: &str) -> Diagnostic {
        let failed = self.failed.len();
        let plural = if failed == 1 { "" } else { "s" };
        let summary =
            format!("{failed} instance{plural} of {address} failed, and `max_failures` is {}", self.most);
        let named = self.failed.iter().take(NAMED);
        let mut named: Vec<&str> =
            named.map(|instance| instance.trim_start_matches('[').trim_end_matches(']')).collect();
        let others = (failed > NAMED).then(|| format!("and {} more", failed - NAMED));
        named.extend(others.as_deref());
        let mut detail = format!("failed: {}", named.join(", "));
        if self.withheld > 0 {
            let _ = write!(detail, "\nnot started: {}", self.withheld);
        }
        let place = step.control.max_failures.as_ref().map_or(step.header, |expression| expression.span);
        Diagnostic::error("too-many-failures", summary)
            .at(place, "")
            .detail(detail)
            .help("find out why they fail, then run again; raise `max_failures` if so many may fail")
            .about(address)
    }
}
