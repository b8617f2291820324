//! Checks the names and rules of a runbook.

mod dependency;
mod function;
mod identity;
mod limit;
mod module;
mod output;
mod reference;
mod rule;

use rustc_hash::FxHashSet;

use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::expression::query_messages;
use crate::syntax::Reference;

use super::expressions::Around;
use super::missing::Missing;
use super::queries::queries;
use super::references::{NamedReference, RefPlace};
use super::{Runbook, Target};

/// Returns the error of a reference outside any block of `runbook`, even if it is never evaluated.
pub fn reference_error(runbook: &Runbook, reference: &Reference) -> Option<Diagnostic> {
    match runbook.names.resolve(reference) {
        Ok(meaning) => reference::error(runbook, Around::default(), reference, meaning, &Missing::default()),
        Err(unknown) => Some(*unknown),
    }
}

/// Checks the names, rules and modules of `runbook`, parts of which may be missing, but not the contents of
/// its modules. Returns the targets of its references.
pub fn check(runbook: &Runbook, missing: &Missing, found: &mut Diagnostics) -> FxHashSet<Target> {
    let mut used = FxHashSet::default();
    for NamedReference { reference, meaning, place } in runbook.references() {
        match (meaning, place) {
            (Ok(meaning), RefPlace::Expression(_, around)) => {
                used.insert(meaning.0);
                found.extend(reference::error(runbook, around, &reference, meaning, missing));
            }
            (Ok(meaning), RefPlace::Identity) => {
                used.insert(meaning.0);
                found.extend(identity::error(&reference, meaning));
            }
            (Ok(meaning), RefPlace::Dependency) => {
                used.insert(meaning.0);
                found.extend(dependency::error(runbook, &reference, meaning));
            }
            (Err(unknown), _) => found.extend(Some(*unknown).filter(|_| !missing.may_declare(&reference))),
        }
    }
    for expression in runbook.expressions() {
        expression.walk(&mut |inner| found.extend(function::unknown(inner)));
    }
    for (text, span) in queries(runbook).texts {
        let messages = query_messages(&text, span);
        found.extend(messages.into_iter().filter(|message| message.severity == Severity::Error));
    }
    module::check(runbook, found);
    rule::check(runbook, found);
    limit::check(runbook, missing, found);
    used
}

/// Checks the requirements on a root runbook, as opposed to a module.
pub fn check_root(runbook: &Runbook, found: &mut Diagnostics) {
    for output in runbook.outputs.iter().filter(|output| output.secrecy.ephemeral) {
        let summary = format!("the output `{}` of a runbook cannot be ephemeral", output.name.value);
        found.push(
            Diagnostic::error("ephemeral-output", summary)
                .at(output.name.span, "the record keeps the outputs of a runbook")
                .help("leave out `ephemeral = true`; only an output of a module may have it"),
        );
    }
}
