//! Checks the names of limits.

use crate::diagnostic::{Diagnostic, Diagnostics, did_you_mean};
use crate::runbook::Runbook;
use crate::runbook::missing::Missing;

/// Adds errors for limits that steps name and that the `runbook` block does not have.
pub fn check(runbook: &Runbook, missing: &Missing, found: &mut Diagnostics) {
    let Some(limits) = &runbook.settings.limits else { return };
    let names = || limits.iter().map(|limit| &*limit.name.value);
    for limit in runbook.steps.iter().filter_map(|step| step.control.limit.as_ref()) {
        let name = limit.value.as_str();
        if names().any(|known| known == name) || missing.may_hold("limits") {
            continue;
        }
        let shown = name.escape_debug();
        found.push(
            Diagnostic::error("unknown-limit", format!("there is no limit `{shown}`"))
                .at(limit.span, "unknown limit")
                .maybe_help(did_you_mean(name, names()))
                .help("declare it in the `runbook` block: `limits = { name = 2 }`"),
        );
    }
}
