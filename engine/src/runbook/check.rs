//! Whether every name in a runbook means something.

use crate::diagnostic::{Diagnostic, Diagnostics, did_you_mean};
use crate::expression::{function_names, query_error, suggest_function};
use crate::step::Response;
use crate::syntax::{Expression, ExpressionKind, Reference};

use super::missing::Missing;
use super::{Runbook, Step, Target};

/// Adds what is wrong with the references and the function calls of `runbook`, of which some may be missing.
pub fn check(runbook: &Runbook, missing: &Missing, found: &mut Diagnostics) {
    for expression in runbook.expressions() {
        for reference in expression.references() {
            found.extend(reference_error(runbook, &reference, missing));
        }
        expression.walk(&mut |part| found.extend(unknown_function(part).or_else(|| query_error(part))));
    }
    for reference in runbook.waits() {
        let error = reference_error(runbook, reference, missing);
        found.extend(error.or_else(|| not_a_step(runbook, reference, missing)));
    }
}

/// What is wrong with the reference, unless that may come from what is missing.
fn reference_error(runbook: &Runbook, reference: &Reference, missing: &Missing) -> Option<Diagnostic> {
    match runbook.names.resolve(reference) {
        Ok((Target::Step(index), used)) => unknown_output(&runbook.steps[index], reference, used, missing),
        Ok(_) => None,
        Err(diagnostic) => Some(*diagnostic).filter(|_| !missing.may_declare(reference)),
    }
}

/// What is wrong with `.name` after a step.
fn unknown_output(step: &Step, reference: &Reference, used: usize, missing: &Missing) -> Option<Diagnostic> {
    let segment = reference.path.get(used)?;
    let name = segment.name()?;
    let schema = step.step_type.schema();
    match &**name {
        "extract" if schema.response != Response::None => {
            return unknown_extract(step, reference, used + 1, missing);
        }
        "body" if schema.response != Response::None => return None,
        name if schema.output(name).is_some() => return None,
        _ => {}
    }
    let response = (schema.response != Response::None).then_some(["body", "extract"]);
    let known = || schema.outputs.iter().map(|field| field.name).chain(response.into_iter().flatten());
    let hint = did_you_mean(name, known()).unwrap_or_else(|| {
        let all: Vec<_> = known().map(|name| format!("`{name}`")).collect();
        format!("it gives {}", all.join(", "))
    });
    Some(
        Diagnostic::error("unknown-output", format!("a `{}` step gives no `{name}`", schema.name))
            .at(segment.span(), "not among its outputs")
            .help(hint),
    )
}

fn unknown_extract(step: &Step, reference: &Reference, at: usize, missing: &Missing) -> Option<Diagnostic> {
    let segment = reference.path.get(at)?;
    let name = segment.name()?;
    if missing.may_hold(name) || step.extract.iter().any(|extract| extract.name.value == *name) {
        return None;
    }
    let hint = did_you_mean(name, step.extract.iter().map(|extract| &*extract.name.value));
    Some(
        Diagnostic::error("unknown-output", format!("`{}` extracts no `{name}`", step.address))
            .at(segment.span(), "not among the names in its `extract`")
            .also(step.header, "this step")
            .help(hint.unwrap_or_else(|| format!("add it: `extract = {{ {name} = \"query\" }}`"))),
    )
}

fn not_a_step(runbook: &Runbook, reference: &Reference, missing: &Missing) -> Option<Diagnostic> {
    let resolved = runbook.names.resolve(reference);
    let whole = match resolved {
        Ok((Target::Step(index), _)) => runbook.steps[index].address.to_string(),
        _ => "step.type.name".to_owned(),
    };
    match resolved {
        Ok((Target::Step(_), used)) if reference.path.len() == used => None,
        Err(_) if missing.may_declare(reference) => None,
        _ => Some(
            Diagnostic::error("invalid-dependency", format!("`{reference}` is not a step"))
                .at(reference.span, "only a whole step can be waited for")
                .help(format!("write `{whole}`")),
        ),
    }
}

fn unknown_function(part: &Expression) -> Option<Diagnostic> {
    let ExpressionKind::Call(call) = &part.kind else { return None };
    if function_names().any(|name| name == &*call.name.value) {
        return None;
    }
    Some(
        Diagnostic::error("unknown-function", format!("there is no function `{}`", call.name.value))
            .at(call.name.span, "unknown function")
            .maybe_help(suggest_function(&call.name.value)),
    )
}
