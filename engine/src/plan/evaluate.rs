//! Evaluates one part of a runbook, for the plan and the run alike.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::expression::{Scope, evaluate, explain};
use crate::runbook::{Given, Module, Output, Step, Variable};
use crate::step::{ArgumentError, ArgumentValues, Work};
use crate::syntax::Attribute;
use crate::value::{Origins, Value, convert};

use super::ephemeral;
use super::rule::{self, Subject};

/// Evaluates the variable at `address` of `module`, whose arguments are resolved in `scope`; appends warnings to
/// `found`.
pub fn variable(
    scope: &dyn Scope,
    module: &Module,
    variable: &Variable,
    address: &str,
    found: &mut Diagnostics,
) -> Result<Value, Diagnostics> {
    let argument = module.argument(&variable.name.value).map(|attribute| &attribute.expression);
    let given = argument.map(|expression| evaluate(expression, scope)).transpose()?;
    let marks = variable.secrecy.marks(|| address.to_owned());
    let value = match (given, &variable.default) {
        // That a required variable is given was seen to when the runbook was loaded.
        (None, None) => {
            return Ok(Value::unknown(variable.constraint.ty(), Origins::of(address)).with_marks(&marks));
        }
        (Some(value), Some(default)) if value.is_null() && !variable.nullable => default.clone(),
        (Some(value), _) => value,
        (None, Some(default)) => default.clone(),
    };
    let span = argument.map_or(module.header, |expression| expression.span);
    if value.is_null() && !variable.nullable {
        let error = Diagnostic::error("null-variable", format!("`{}` must not be null", variable.name.value))
            .at(span, "this is null")
            .also(variable.name.span, "it is `nullable = false`");
        return Err(argument.map_or(error.clone(), |argument| explain(error, argument, scope)).into());
    }
    ephemeral::check_variable(&value, variable, span)?;
    if argument.is_some() {
        let subject = format!("the value for the variable `{}`", variable.name.value);
        let given =
            Given { subject: &subject, value: &value, written: argument, place: Some(span), origin: None };
        let unknown = given.check_computed(&variable.constraint.ty(), variable.strict).into_iter();
        let unknown = unknown.map(|unknown| unknown.also(variable.name.span, "declared here"));
        unknown.collect::<Diagnostics>().or_warn(found)?;
    }
    let value = variable.constraint.apply(&value).map_err(|error| {
        let summary = format!("the value for the variable `{}` is of the wrong type", variable.name.value);
        Diagnostic::error("wrong-type", summary)
            .at(span, error.to_string())
            .also(variable.name.span, "declared here")
    })?;
    Ok(value.with_marks(&marks))
}

/// Evaluates `output`. An ephemeral value must be declared so; a sensitive one must, if the output leaves the
/// root runbook.
pub fn output(scope: &dyn Scope, output: &Output, leaves: bool) -> Result<Value, Diagnostics> {
    let subject = Subject::Output(&output.name.value);
    rule::check_all(&output.preconditions, scope, &subject).or(())?;
    let value = evaluate(&output.expression, scope)?;
    ephemeral::check_output(&value, output, leaves)?;
    let marks = value.deep_marks();
    if leaves && marks.is_sensitive() && !output.secrecy.sensitive {
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

/// Evaluates the arguments of the instance of `step` at `address`, converted to the types of the schema; appends
/// warnings to `warnings`.
pub fn arguments(
    scope: &dyn Scope,
    step: &Step,
    address: &str,
    warnings: &mut Diagnostics,
) -> Result<ArgumentValues, Diagnostics> {
    let mut found = Diagnostics::new();
    let mut values = ArgumentValues::new();
    for attribute in &step.arguments {
        let Some(value) = found.take(evaluate(&attribute.expression, scope)) else { continue };
        let Some(field) = step.step_type.schema().argument(&attribute.name.value) else { continue };
        let written = &attribute.expression;
        let subject = format!("the argument `{}`", attribute.name.value);
        let place = Some(written.span);
        let given = Given { subject: &subject, value: &value, written: Some(written), place, origin: None };
        warnings.extend(given.check_computed(&field.ty, false).into_iter().map(|one| one.about(address)));
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

/// Prepares the instance of `step` at `address` to run with these arguments.
pub fn prepare(
    scope: &dyn Scope,
    step: &Step,
    address: &str,
    arguments: &ArgumentValues,
) -> Result<Box<dyn Work>, Diagnostics> {
    let report = |errors: Vec<ArgumentError>| -> Diagnostics {
        errors.into_iter().map(|error| refused(scope, step, address, arguments, error)).collect()
    };
    let work = step.step_type.prepare(arguments).map_err(report)?;
    ephemeral::check_work(&*work, step, arguments, address)?;
    Ok(work)
}

/// Returns the diagnostic for an argument that a step type refuses.
///
/// A step type cannot distinguish a null argument from a missing one, so this does.
fn refused(
    scope: &dyn Scope,
    step: &Step,
    address: &str,
    arguments: &ArgumentValues,
    error: ArgumentError,
) -> Diagnostic {
    let is_null = |written: &&Attribute| !arguments.contains_key(&written.name.value);
    match step.arguments.iter().find(|written| &*written.name.value == error.argument) {
        Some(written) if is_null(&written) => explain(null(written, address), &written.expression, scope),
        Some(_) => wrong(step, address, error),
        // Another argument may be written in its place, and be null.
        None => {
            step.arguments.iter().filter(is_null).fold(wrong(step, address, error), |error, written| {
                explain(error, &written.expression, scope)
            })
        }
    }
}

fn null(argument: &Attribute, address: &str) -> Diagnostic {
    Diagnostic::error("null-argument", format!("`{}` must not be null", argument.name.value))
        .at(argument.expression.span, "this is null")
        .about(address)
}

fn wrong(step: &Step, address: &str, error: ArgumentError) -> Diagnostic {
    Diagnostic::error("invalid-argument", format!("`{}` {}", error.argument, error.message))
        .at(step.place(error.argument), "")
        .maybe_help(error.help)
        .about(address)
}
