//! Evaluating one part of a runbook: the same for plan and run.

use std::time::Duration;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::expression::{Scope, evaluate, explain};
use crate::runbook::{Module, Output, Step, Variable};
use crate::step::{ArgumentError, ArgumentValues, Work};
use crate::value::{Marks, Type, Value, convert};

use super::rule::{self, Subject};

/// The value that `module`, whose arguments mean what `scope` says, gives to a variable at `address`.
pub fn variable(
    scope: &dyn Scope,
    module: &Module,
    variable: &Variable,
    address: &str,
) -> Result<Value, Diagnostics> {
    let argument = module.argument(&variable.name.value).map(|attribute| &attribute.expression);
    let given = argument.map(|expression| evaluate(expression, scope)).transpose()?;
    let value = match (given, &variable.default) {
        (Some(value), Some(default)) if value.is_null() && !variable.nullable => default.clone(),
        (Some(value), _) => value,
        // That a required variable is given was seen to when the runbook was loaded.
        (None, default) => default.clone().unwrap_or(Value::NULL),
    };
    let span = argument.map_or(module.header, |expression| expression.span);
    if value.is_null() && !variable.nullable {
        return Err(Diagnostic::error(
            "null-variable",
            format!("`{}` must not be null", variable.name.value),
        )
        .at(span, "this is null")
        .also(variable.name.span, "it is `nullable = false`")
        .into());
    }
    let value = variable.constraint.apply(&value).map_err(|error| {
        let summary = format!("the value for the variable `{}` is of the wrong type", variable.name.value);
        Diagnostic::error("wrong-type", summary)
            .at(span, error.to_string())
            .also(variable.name.span, "declared here")
    })?;
    Ok(if variable.sensitive { value.with_marks(&Marks::sensitive(address)) } else { value })
}

/// What `output` gives; what is sensitive must be declared so when it leaves the runbook itself.
pub fn output(scope: &dyn Scope, output: &Output, leaves: bool) -> Result<Value, Diagnostics> {
    let subject = Subject::Output(&output.name.value);
    rule::check_all(&output.preconditions, scope, &subject).or(())?;
    let value = evaluate(&output.expression, scope)?;
    let marks = value.deep_marks();
    if leaves && marks.is_sensitive() && !output.sensitive {
        let origins: Vec<_> = marks.origins().collect();
        return Err(Diagnostic::error(
            "sensitive-output",
            format!("the output `{}` is sensitive", output.name.value),
        )
        .at(output.expression.span, "holds a sensitive value")
        .detail(format!("It is made from {}.", origins.join(", ")))
        .help("add `sensitive = true` to the output, or leave the secret out of it")
        .into());
    }
    Ok(value)
}

/// The arguments of the instance of `step` at `address`, each of the type that the schema says.
pub fn arguments(scope: &dyn Scope, step: &Step, address: &str) -> Result<ArgumentValues, Diagnostics> {
    let mut found = Diagnostics::new();
    let mut values = ArgumentValues::new();
    for attribute in &step.arguments {
        let Some(value) = found.take(evaluate(&attribute.expression, scope)) else { continue };
        let Some(field) = step.step_type.schema().argument(&attribute.name.value) else { continue };
        match convert(&value, &field.ty) {
            Ok(value) if value.is_null() => {}
            Ok(value) => drop(values.insert(attribute.name.value.clone(), value)),
            Err(error) => {
                let summary = format!("`{}` is of the wrong type", attribute.name.value);
                let error = Diagnostic::error("wrong-type", summary)
                    .at(attribute.expression.span, error.to_string())
                    .about(address);
                found.push(explain(error, &attribute.expression, scope));
            }
        }
    }
    found.or(values)
}

/// The work of the instance of `step` at `address` with these arguments.
pub fn prepare(step: &Step, address: &str, arguments: &ArgumentValues) -> Result<Box<dyn Work>, Diagnostics> {
    let report =
        |errors: Vec<ArgumentError>| errors.into_iter().map(|error| wrong(step, address, error)).collect();
    step.step_type.prepare(arguments).map_err(report)
}

fn wrong(step: &Step, address: &str, error: ArgumentError) -> Diagnostic {
    Diagnostic::error("invalid-argument", format!("`{}` {}", error.argument, error.message))
        .at(step.place(error.argument), "")
        .maybe_help(error.help)
        .about(address)
}

/// How long the instance of `step` at `address` may take, when that is limited and known.
pub fn timeout(scope: &dyn Scope, step: &Step, address: &str) -> Result<Option<Duration>, Diagnostics> {
    let Some(expression) = &step.timeout else { return Ok(None) };
    let value = convert(&evaluate(expression, scope)?, &Type::String);
    let text = match &value {
        Ok(value) if value.is_unknown() || value.is_null() => return Ok(None),
        Ok(value) => value.as_str().and_then(duration),
        Err(_) => None,
    };
    text.map(Some).ok_or_else(|| {
        Diagnostic::error("invalid-argument", "`timeout` is not a length of time")
            .at(expression.span, "cannot be read")
            .help("write it as `\"30s\"`, `\"5m\"` or `\"1h30m\"`")
            .about(address)
            .into()
    })
}

/// Reads `1h30m`, `90s`, `250ms`; none for no time at all.
#[must_use]
pub fn duration(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let digits = rest.find(|next: char| !next.is_ascii_digit())?;
        let number: u64 = rest[..digits].parse().ok()?;
        let after = &rest[digits..];
        let end = after.find(|next: char| next.is_ascii_digit()).unwrap_or(after.len());
        let unit = match &after[..end] {
            "ms" => Duration::from_millis(1),
            "s" => Duration::from_secs(1),
            "m" => Duration::from_mins(1),
            "h" => Duration::from_hours(1),
            _ => return None,
        };
        total = total.checked_add(unit.checked_mul(u32::try_from(number).ok()?)?)?;
        rest = &after[end..];
    }
    (!total.is_zero()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_read() {
        let cases = [
            ("30s", Some(30_000)),
            ("1h30m", Some(5_400_000)),
            ("250ms", Some(250)),
            ("0s", None),
            ("30", None),
            ("s", None),
            ("", None),
            ("99999999999999999999s", None),
            ("4294967295h4294967295h", Some(4_294_967_295 * 2 * 3_600_000)),
            ("1d", None),
        ];
        for (text, millis) in cases {
            assert_eq!(duration(text), millis.map(Duration::from_millis), "{text}");
        }
    }
}
