//! Evaluates the arguments of a step or an identity, for the plan and the run alike.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::expression::{Scope, evaluate, explain, given_by};
use crate::runbook::{Given, Step, TypedBlock};
use crate::step::{ArgumentError, ArgumentValues, Field, Work, WrongType, shown_path};
use crate::syntax::{Attribute, Expression};
use crate::value::{Data, PathStep, Type, Value, show_inline};

use super::{ephemeral, repeated_change};

/// Evaluates the arguments of the block at `address`, converted to the types of their declarations; appends
/// warnings to `warnings`.
pub fn arguments(
    scope: &dyn Scope,
    block: TypedBlock<'_>,
    address: &str,
    warnings: &mut Diagnostics,
) -> Result<ArgumentValues, Diagnostics> {
    let mut found = Diagnostics::new();
    let mut values = ArgumentValues::new();
    for attribute in block.arguments {
        let Some(field) = block.field(&attribute.name.value) else { continue };
        let value = evaluate(&attribute.expression, scope);
        let Some(value) = found.take(value.map_err(|errors| discreet(errors, field))) else { continue };
        warnings.extend(strays(attribute, field, &value).into_iter().map(|one| one.about(address)));
        match field.convert(&value, address) {
            Ok(value) if value.is_null() => {}
            Ok(value) => drop(values.insert(attribute.name.value.clone(), value)),
            Err(wrong) => found.extend(wrong.iter().map(|wrong| wrong_type(scope, block, address, wrong))),
        }
    }
    found.or(values)
}

/// Removes values from errors of an argument that is declared sensitive or has such a part.
fn discreet(mut errors: Diagnostics, field: &Field) -> Diagnostics {
    if field.has_sensitive_part() {
        errors.all_mut().iter_mut().for_each(|error| error.values.clear());
    }
    errors
}

/// Returns the warnings about attributes that the conversion drops; those of blocks are errors when they are read.
fn strays(attribute: &Attribute, field: &Field, value: &Value) -> Vec<Diagnostic> {
    if field.block().is_some() {
        return Vec::new();
    }
    let written = &attribute.expression;
    let subject = format!("the argument `{}`", attribute.name.value);
    let place = Some(written.span);
    let given = Given { subject: &subject, value, written: Some(written), place, origin: None };
    given.check_computed(&field.ty, false)
}

fn wrong_type(scope: &dyn Scope, block: TypedBlock<'_>, address: &str, wrong: &WrongType) -> Diagnostic {
    let part = block.part(&wrong.path).map(|(part, _)| part);
    let is_hidden = wrong.sensitive || part.is_some_and(|part| given_by(part, scope).is_some());
    let reason = if is_hidden { wrong.error.discreet() } else { wrong.error.to_string() };
    let summary = format!("`{}` is of the wrong type", shown_path(&wrong.path, is_hidden));
    let place = part.map_or(block.header, |part| part.span);
    let text = part.filter(|_| !is_hidden).and_then(|part| evaluate(part, scope).ok());
    let help = text.and_then(|text| as_list(block, &wrong.path, &text));
    let error = Diagnostic::error("wrong-type", summary).at(place, reason).about(address).maybe_help(help);
    match part.filter(|_| !wrong.sensitive) {
        Some(part) => explain(error, part, scope),
        None => error,
    }
}

/// Returns the remedy for a text in place of a list of texts, such as a command line.
fn as_list(block: TypedBlock<'_>, path: &[PathStep], given: &Value) -> Option<String> {
    let [PathStep::Attribute(name)] = path else { return None };
    let wanted = &block.field(name)?.ty;
    let text = given.as_str().filter(|_| *wanted == Type::list(Type::String) && !given.has_deep_marks())?;
    let words: Vec<Value> = text.split_whitespace().map(Value::from).collect();
    Some(format!("write a list: `{}`", show_inline(&Value::tuple(words), LONGEST_REMEDY)))
}

/// The maximum number of characters of a list in a remedy.
const LONGEST_REMEDY: usize = 60;

/// Prepares the instance of `step` at `address` to run with these arguments.
pub fn prepare(
    scope: &dyn Scope,
    step: &Step,
    address: &str,
    arguments: &ArgumentValues,
) -> Result<Box<dyn Work>, Diagnostics> {
    let (work, refused) = describe(scope, step, address, arguments)?;
    refused.or(work)
}

/// Prepares the instance as [`prepare`] does, to describe it; returns beside it the errors about secrets for which nobody may
/// run it.
pub fn describe(
    scope: &dyn Scope,
    step: &Step,
    address: &str,
    arguments: &ArgumentValues,
) -> Result<(Box<dyn Work>, Diagnostics), Diagnostics> {
    let report = |errors: Vec<ArgumentError>| -> Diagnostics {
        errors.into_iter().map(|error| refused(scope, step.typed(), address, arguments, error)).collect()
    };
    let work = step.step_type.prepare(arguments).map_err(report)?;
    let mut found = report(work.refused());
    found.take(ephemeral::check_work(&*work, step, arguments, address));
    repeated_change::check(step, arguments, &*work, address)?;
    Ok((work, found))
}

/// Returns the diagnostic for an argument that a type refuses.
///
/// A type cannot distinguish a null argument from a missing one, so this does.
pub(super) fn refused(
    scope: &dyn Scope,
    block: TypedBlock<'_>,
    address: &str,
    arguments: &ArgumentValues,
    error: ArgumentError,
) -> Diagnostic {
    let value = value_at(arguments, &error.path);
    let is_null = |written: &&Attribute| !arguments.contains_key(&written.name.value);
    match block.part(&error.path) {
        Some((written, true)) if value.is_none_or(Value::is_null) => {
            explain(null(written, &error, address), written, scope)
        }
        Some((written, _)) => {
            // Without a value at the path, the argument decides.
            let value = value.or_else(|| arguments.get(error.argument()));
            let is_hidden = value.is_some_and(Value::has_deep_marks) || given_by(written, scope).is_some();
            wrong(error, is_hidden).at(written.span, "").about(address)
        }
        // Another argument may be written in its place, and be null.
        None => {
            let error = wrong(error, false).at(block.header, "").about(address);
            let written = block.arguments.iter().filter(is_null);
            written.fold(error, |error, written| explain(error, &written.expression, scope))
        }
    }
}

/// Returns the value at a path from the arguments.
fn value_at<'a>(arguments: &'a ArgumentValues, path: &[PathStep]) -> Option<&'a Value> {
    let (Some(PathStep::Attribute(name)), steps) = (path.first(), path.get(1..)?) else { return None };
    steps.iter().try_fold(arguments.get(name)?, |value, step| match (value.data(), step) {
        (Data::List(_, all) | Data::Set(_, all) | Data::Tuple(all), PathStep::Index(at)) => all.get(*at),
        (Data::Map(_, all) | Data::Object(all), PathStep::Attribute(name) | PathStep::Key(name)) => {
            all.get(name)
        }
        _ => None,
    })
}

/// Returns the diagnostic for a null; every key of the path is written in the runbook.
fn null(written: &Expression, error: &ArgumentError, address: &str) -> Diagnostic {
    Diagnostic::error("null-argument", format!("`{}` must not be null", error.shown_path(false)))
        .at(written.span, "this is null")
        .about(address)
}

/// Returns the diagnostic for an invalid value; if `is_hidden`, nothing of the value is shown.
fn wrong(error: ArgumentError, is_hidden: bool) -> Diagnostic {
    let summary = format!("`{}` {}", error.shown_path(is_hidden), error.message);
    let hint = error.hint.filter(|_| !is_hidden);
    let code = if error.is_secret { "secret-flow" } else { "invalid-argument" };
    Diagnostic::error(code, summary).maybe_help(hint.or(error.help))
}
