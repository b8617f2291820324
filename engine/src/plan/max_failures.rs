//! Evaluates `max_failures`, the number of instances of a step that may fail without failing the run.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::expression::{Scope, evaluate};
use crate::syntax::Expression;
use crate::value::{Data, Type, Value, convert};

/// Evaluates the `max_failures` of the step at `address`: a whole number, or an unknown one; none if it is null.
pub fn max_failures(
    scope: &dyn Scope,
    expression: &Expression,
    address: &str,
) -> Result<Option<Value>, Diagnostics> {
    let value = evaluate(expression, scope).map_err(|errors| errors.about(address))?;
    let wrong = |what: &str, label: &str, help: &str| {
        let error = Diagnostic::error("invalid-argument", format!("`max_failures` {what}"));
        Err(error.at(expression.span, label).help(help).about(address).into())
    };
    if value.is_marked() {
        let summary = "`max_failures` must not be sensitive or ephemeral";
        let error = Diagnostic::error("sensitive-setting", summary).at(expression.span, "this is");
        let help = "everyone sees how many steps may fail: use a public number";
        return Err(error.help(help).about(address).into());
    }
    let number = convert(&value, &Type::Number).ok();
    match number.as_ref().map(Value::data) {
        Some(Data::Null(_)) => Ok(None),
        Some(Data::Unknown(_)) => Ok(number),
        Some(Data::Number(some)) if some.to_usize().is_some() => Ok(number),
        _ => wrong("is not a number of steps", "cannot be used", "write a whole number, at least 0"),
    }
}

/// Returns the number that [`max_failures`] has evaluated; none if it is not known.
#[must_use]
pub fn known_number(value: &Value) -> Option<usize> {
    match value.data() {
        Data::Number(number) => number.to_usize(),
        _ => None,
    }
}
