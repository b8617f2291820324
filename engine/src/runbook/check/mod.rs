//! Whether everything in a runbook means something.

mod dependency;
mod function;
mod module;
mod output;
mod part;
mod reference;
mod rule;

use crate::diagnostic::Diagnostics;

use super::Runbook;

/// Adds what is wrong with the names, the rules and the modules of `runbook`, but not with what is in its modules.
pub fn check(runbook: &Runbook, found: &mut Diagnostics) {
    for part in part::all(runbook) {
        for used in part.expression.uses() {
            found.extend(reference::error(runbook, &part, &used));
        }
        part.expression.walk(&mut |inner| found.extend(function::unknown(inner)));
    }
    for reference in dependency::all(runbook) {
        found.extend(dependency::error(runbook, reference));
    }
    module::check(runbook, found);
    rule::check(runbook, found);
}
