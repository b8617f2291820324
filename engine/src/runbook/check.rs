//! Whether every name in a runbook means something.

use crate::diagnostic::{Diagnostic, Diagnostics, did_you_mean};
use crate::expression::function_names;
use crate::step::Response;
use crate::syntax::{Expression, ExpressionKind, Reference};

use super::{Runbook, Step, Target};

/// Adds what is wrong with the references and the function calls of `runbook`.
pub fn check(runbook: &Runbook, found: &mut Diagnostics) {
    for expression in expressions(runbook) {
        for reference in expression.references() {
            found.extend(reference_error(runbook, &reference));
        }
        expression.walk(&mut |part| found.extend(unknown_function(part)));
    }
    let waits = runbook.steps.iter().flat_map(|step| &step.depends_on);
    for reference in waits.chain(runbook.outputs.iter().flat_map(|output| &output.depends_on)) {
        found.extend(reference_error(runbook, reference).or_else(|| not_a_step(runbook, reference)));
    }
}

fn expressions(runbook: &Runbook) -> impl Iterator<Item = &Expression> {
    let variables = runbook.variables.iter().flat_map(|variable| &variable.validations);
    let validations = variables.flat_map(|validation| [&validation.condition, &validation.message]);
    let locals = runbook.locals.iter().map(|local| &local.expression);
    let outputs = runbook.outputs.iter().map(|output| &output.expression);
    validations.chain(locals).chain(runbook.steps.iter().flat_map(Step::expressions)).chain(outputs)
}

/// What is wrong with a reference in `runbook`, whether or not it is ever looked at.
pub fn reference_error(runbook: &Runbook, reference: &Reference) -> Option<Diagnostic> {
    match runbook.names.resolve(reference) {
        Ok((Target::Step(index), used)) => unknown_output(&runbook.steps[index], reference, used),
        Ok(_) => None,
        Err(diagnostic) => Some(*diagnostic),
    }
}

/// What is wrong with `.name` after a step.
fn unknown_output(step: &Step, reference: &Reference, used: usize) -> Option<Diagnostic> {
    let segment = reference.path.get(used)?;
    let name = segment.name()?;
    let schema = step.step_type.schema();
    match &**name {
        "extract" if schema.response != Response::None => return unknown_extract(step, reference, used + 1),
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

fn unknown_extract(step: &Step, reference: &Reference, at: usize) -> Option<Diagnostic> {
    let segment = reference.path.get(at)?;
    let name = segment.name()?;
    if step.extract.iter().any(|extract| extract.name.value == *name) {
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

fn not_a_step(runbook: &Runbook, reference: &Reference) -> Option<Diagnostic> {
    match runbook.names.resolve(reference) {
        Ok((Target::Step(_), used)) if reference.path.len() == used => None,
        _ => Some(
            Diagnostic::error("invalid-dependency", format!("`{reference}` is not a step"))
                .at(reference.span, "only a whole step can be waited for")
                .help("write `step.type.name`"),
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
            .maybe_help(did_you_mean(&call.name.value, function_names())),
    )
}
