//! Whether everything in a runbook means something.

mod dependency;
mod function;
mod module;
mod output;
mod reference;
mod rule;

use crate::diagnostic::{Diagnostic, Diagnostics};

use crate::expression::query_error;
use crate::syntax::Reference;

use super::Runbook;
use super::expressions::Around;
use super::missing::Missing;

/// What is wrong with a reference in `runbook` that stands in no block, whether or not it is ever looked at.
pub fn reference_error(runbook: &Runbook, reference: &Reference) -> Option<Diagnostic> {
    reference::error(runbook, Around::default(), reference, &Missing::default())
}

/// Adds what is wrong with the names, the rules and the modules of `runbook`, of which some may be missing; but not with
/// what is in its modules.
pub fn check(runbook: &Runbook, missing: &Missing, found: &mut Diagnostics) {
    for part in runbook.parts() {
        for reference in part.expression.references() {
            found.extend(reference::error(runbook, part.around, &reference, missing));
        }
        part.expression
            .walk(&mut |inner| found.extend(function::unknown(inner).or_else(|| query_error(inner))));
    }
    for reference in runbook.waits() {
        found.extend(dependency::error(runbook, reference, missing));
    }
    module::check(runbook, found);
    rule::check(runbook, found);
}

/// Adds what is wrong with `runbook` because it is run itself, and not used as a module.
pub fn check_root(runbook: &Runbook, found: &mut Diagnostics) {
    for output in runbook.outputs.iter().filter(|output| output.secrecy.ephemeral) {
        let summary = format!("the output `{}` of a runbook cannot be ephemeral", output.name.value);
        found.push(
            Diagnostic::error("ephemeral-output", summary)
                .at(output.name.span, "what a runbook gives is kept")
                .help("leave out `ephemeral = true`; only an output of a module may have it"),
        );
    }
}
