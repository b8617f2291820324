//! Refuses conditions that would repeat a change.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::runbook::Step;
use crate::source::Span;
use crate::step::{ArgumentValues, Effect, Work};
use crate::value::{Type, Value};

/// Fails if the conditions of a step would make a change again that must be made once.
///
/// A scalar argument may decide about the effect, so if one is unknown in the plan, the run decides.
pub fn check(
    step: &Step,
    arguments: &ArgumentValues,
    work: &dyn Work,
    address: &str,
) -> Result<(), Diagnostics> {
    let mut found = Diagnostics::new();
    let condition = step.control.retry.as_ref().and_then(|retry| retry.condition.as_ref());
    if step.control.until.is_none() && condition.is_none() {
        return found.or(());
    }
    let may_decide = |value: &Value| value.is_unknown() && matches!(value.ty(), Type::Bool | Type::String);
    let behavior = work.behavior(&work.actions());
    if behavior.effect != Effect::Changes || behavior.repeatable || arguments.values().any(may_decide) {
        return found.or(());
    }
    let mut refuse = |what: &str, span: Span| {
        let summary = format!("{what} would repeat the change of {address}");
        found.push(
            Diagnostic::error("repeated-change", summary)
                .at(span, "this would make its change again after it was made")
                .help("add a step that reads after it, with the condition")
                .help(format!(
                    "a step may have it if it only reads, or if a repetition is harmless: arcbook explain {}",
                    step.step_type.schema().name
                ))
                .about(address),
        );
    };
    if let Some(until) = &step.control.until {
        refuse("`until`", until.header);
    }
    if let Some(condition) = condition {
        refuse("the `condition` of `retry`", condition.span);
    }
    found.or(())
}
