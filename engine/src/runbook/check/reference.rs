//! Checks references in their scope.

use crate::diagnostic::Diagnostic;
use crate::runbook::expressions::Around;
use crate::runbook::missing::Missing;
use crate::runbook::{Repetition, Runbook, Target};
use crate::syntax::{Reference, Segment};

use super::{identity, output};

/// Returns the error of a reference in the scope `around`, whose first segments resolve to `target`, unless a
/// missing declaration may explain it.
pub fn error(
    runbook: &Runbook,
    around: Around<'_>,
    reference: &Reference,
    (target, at): (Target, usize),
    missing: &Missing,
) -> Option<Diagnostic> {
    match target {
        Target::Each if !matches!(around.repetition, Some(Repetition::ForEach(_))) => {
            Some(outside(reference, "each", "for_each"))
        }
        Target::Count if !matches!(around.repetition, Some(Repetition::Count(_))) => {
            Some(outside(reference, "count", "count"))
        }
        Target::This => match around.this {
            Some(step) => output::of_step(step, reference, 0, missing),
            None => Some(no_self(reference)),
        },
        Target::Step(index) => {
            let step = &runbook.steps[index];
            let (at, wrong) = instance(reference, at, step.repetition.as_ref());
            wrong.or_else(|| output::of_step(step, reference, at?, missing))
        }
        Target::Identity(_) => Some(identity::value(reference)),
        Target::Module(index) => {
            let module = &runbook.modules[index];
            let (at, wrong) = instance(reference, at, module.repetition.as_ref());
            wrong.or_else(|| output::of_module(module, reference, at?))
        }
        _ => None,
    }
}

/// Returns the position of an output's name after a block that may be repeated, and an error of the instance
/// key.
fn instance(
    reference: &Reference,
    at: usize,
    repetition: Option<&Repetition>,
) -> (Option<usize>, Option<Diagnostic>) {
    match (reference.path.get(at), repetition) {
        (None, _) => (None, None),
        (Some(_), None) => (Some(at), None),
        (Some(Segment::Index(_)), Some(_)) => (Some(at + 1), None),
        (Some(Segment::Attribute(name)), Some(repetition)) => {
            let whole = Reference { path: reference.path[..at].to_vec(), ..reference.clone() };
            let one = match repetition {
                Repetition::Count(_) => format!("`{whole}[0].{0}`, or all with `{whole}[*].{0}`", name.value),
                Repetition::ForEach(_) => {
                    format!("`{whole}[\"key\"].{}`, or `{whole}[each.key]`", name.value)
                }
            };
            let wrong = Diagnostic::error(
                "no-instance",
                format!("there can be many `{whole}`, and this does not say which one"),
            )
            .at(name.span, format!("`{whole}` has `{}`", repetition.keyword()))
            .also(repetition.span(), "declared here")
            .help(format!("write {one}"));
            (None, Some(wrong))
        }
    }
}

fn outside(reference: &Reference, root: &str, keyword: &str) -> Diagnostic {
    Diagnostic::error("unknown-reference", format!("`{root}` is not available here"))
        .at(reference.span, format!("the block around it has no `{keyword}`"))
        .help(format!("`{root}` refers to the current instance of a step or module with `{keyword} = …`"))
}

fn no_self(reference: &Reference) -> Diagnostic {
    Diagnostic::error("unknown-reference", "`self` is not available here")
        .at(reference.span, "only postconditions, `until` and `retry` of a step have it")
        .help("name the step: `step.type.name`")
}
