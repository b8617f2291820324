//! Evaluating one part of a runbook: the same for plan and run.

use std::time::Duration;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::expression::{Scope, evaluate};
use crate::runbook::{Runbook, Step, Validation, Variable};
use crate::step::{ArgumentError, ArgumentValues, Work};
use crate::value::{Data, Type, Value, convert};

use super::State;

/// What the local value with that index is.
pub fn local(state: &State<'_>, index: usize) -> Result<Value, Diagnostics> {
    evaluate(&state.runbook().locals[index].expression, state)
}

/// What the output with that index gives; a sensitive value must be declared so.
pub fn output(state: &State<'_>, index: usize) -> Result<Value, Diagnostics> {
    let output = &state.runbook().outputs[index];
    let value = evaluate(&output.expression, state)?;
    let marks = value.deep_marks();
    if marks.is_sensitive() && !output.sensitive {
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

/// The arguments of `step`, each of the type that the schema says.
pub fn arguments(state: &State<'_>, step: &Step) -> Result<ArgumentValues, Diagnostics> {
    let mut found = Diagnostics::new();
    let mut values = ArgumentValues::new();
    for attribute in &step.arguments {
        let Some(value) = found.take(evaluate(&attribute.expression, state)) else { continue };
        let Some(field) = step.step_type.schema().argument(&attribute.name.value) else { continue };
        match convert(&value, &field.ty) {
            Ok(value) if value.is_null() => {}
            Ok(value) => drop(values.insert(attribute.name.value.clone(), value)),
            Err(error) => found.push(
                Diagnostic::error("wrong-type", format!("`{}` is of the wrong type", attribute.name.value))
                    .at(attribute.expression.span, error.to_string())
                    .about(&*step.address),
            ),
        }
    }
    found.or(values)
}

/// The work of `step` with these arguments.
pub fn prepare(step: &Step, arguments: &ArgumentValues) -> Result<Box<dyn Work>, Diagnostics> {
    let report = |errors: Vec<ArgumentError>| errors.into_iter().map(|error| wrong(step, error)).collect();
    step.step_type.prepare(arguments).map_err(report)
}

fn wrong(step: &Step, error: ArgumentError) -> Diagnostic {
    Diagnostic::error("invalid-argument", format!("`{}` {}", error.argument, error.message))
        .at(step.place(error.argument), "")
        .maybe_help(error.help)
        .about(&*step.address)
}

/// How long `step` may take, when that is limited and known.
pub fn timeout(state: &State<'_>, step: &Step) -> Result<Option<Duration>, Diagnostics> {
    let Some(expression) = &step.timeout else { return Ok(None) };
    let value = convert(&evaluate(expression, state)?, &Type::String);
    let text = match &value {
        Ok(value) if value.is_unknown() || value.is_null() => return Ok(None),
        Ok(value) => value.as_str().and_then(duration),
        Err(_) => None,
    };
    text.map(Some).ok_or_else(|| {
        Diagnostic::error("invalid-argument", "`timeout` is not a length of time")
            .at(expression.span, "cannot be read")
            .help("write it as `\"30s\"`, `\"5m\"` or `\"1h30m\"`")
            .about(&*step.address)
            .into()
    })
}

/// Reads `1h30m`, `90s`, `250ms`.
fn duration(text: &str) -> Option<Duration> {
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

/// Adds what is wrong with the values of the variables, by their own rules.
pub fn validate(state: &State<'_>, found: &mut Diagnostics) {
    let runbook: &Runbook = state.runbook();
    for variable in &runbook.variables {
        for validation in &variable.validations {
            if let Some(unmet) = found.take(unmet(state, variable, validation)) {
                found.extend(unmet);
            }
        }
    }
}

fn unmet(
    scope: &dyn Scope,
    variable: &Variable,
    rule: &Validation,
) -> Result<Option<Diagnostic>, Diagnostics> {
    let condition = evaluate(&rule.condition, scope)?;
    let holds = match convert(&condition, &Type::Bool).as_ref().map(Value::data) {
        Ok(Data::Bool(holds)) => *holds,
        Ok(Data::Unknown(_)) => true,
        _ => {
            return Err(Diagnostic::error("wrong-type", "a condition must be true or false")
                .at(rule.condition.span, "is neither")
                .into());
        }
    };
    if holds {
        return Ok(None);
    }
    let message = evaluate(&rule.message, scope)?;
    let detail = match message.as_str() {
        Some(text) if !message.deep_marks().is_sensitive() => text.to_owned(),
        _ => "The message of the rule cannot be shown.".to_owned(),
    };
    let summary = format!("the value of the variable `{}` is not allowed", variable.name.value);
    Ok(Some(
        Diagnostic::error("invalid-variable", summary)
            .at(rule.condition.span, "this rule does not hold")
            .also(variable.name.span, "of this variable")
            .detail(detail),
    ))
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
