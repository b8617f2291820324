//! Evaluates a variable or an output, for the plan and the run alike.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::expression::{Scope, evaluate, explain};
use crate::runbook::{Given, Module, Output, Variable};
use crate::value::{Origins, Value};

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
