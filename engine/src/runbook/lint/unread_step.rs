//! Warns about steps that change nothing and whose result is not read.

use crate::diagnostic::Diagnostic;
use crate::runbook::{Step, Target};
use crate::step::Effect;

use super::view::{View, is_exempt};

pub fn check(view: &View<'_>) -> Vec<Diagnostic> {
    let all = view.runbook.steps.iter().enumerate();
    let unread = all.filter(|(index, step)| !view.is_used(Target::Step(*index)) && !is_for_itself(step));
    unread
        .map(|(_, step)| {
            let name = &step.name.value;
            Diagnostic::warning(
                "unread-step",
                format!("the results of `{}` are unused, and it changes nothing", step.address),
            )
            .at(step.header, format!("nothing refers to `{}`", step.address))
            .help(format!("remove it, add an `output` for it, or rename it to `_{name}` to keep it"))
            .about(&*step.address)
        })
        .collect()
}

/// Returns true if the step has a purpose of its own: it changes something, or its success proves that its
/// dependencies worked.
fn is_for_itself(step: &Step) -> bool {
    let schema = step.step_type.schema();
    schema.effect == Effect::Changes
        || schema.has_own_purpose
        || !step.depends_on.is_empty()
        || !step.preconditions.is_empty()
        || !step.postconditions.is_empty()
        || step.control.until.is_some()
        || step.control.run_on.is_cleanup()
        || is_exempt(&step.name.value)
}
