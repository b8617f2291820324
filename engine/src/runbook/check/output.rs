//! Checks references to outputs of steps and modules.

use crate::diagnostic::{Diagnostic, did_you_mean, with_article};
use crate::runbook::missing::Missing;
use crate::runbook::{Module, Step};
use crate::step::Response;
use crate::syntax::Reference;

/// Returns the error of the name at `at`, which must be an output of a step.
pub fn of_step(step: &Step, reference: &Reference, at: usize, missing: &Missing) -> Option<Diagnostic> {
    let segment = reference.path.get(at)?;
    let name = segment.name()?;
    let schema = step.step_type.schema();
    match &**name {
        "extract" if schema.response != Response::None => {
            return of_extract(step, reference, at + 1, missing);
        }
        "body" if schema.response != Response::None => return None,
        name if schema.output(name).is_some() => return None,
        _ => {}
    }
    let response = (schema.response != Response::None).then_some(["body", "extract"]);
    let known = || schema.outputs.iter().map(|field| field.name).chain(response.into_iter().flatten());
    let hint = did_you_mean(name, known()).unwrap_or_else(|| listed("it has", known()));
    Some(
        Diagnostic::error(
            "unknown-output",
            format!("{} step has no output `{name}`", with_article(schema.name)),
        )
        .at(segment.span(), "not among its outputs")
        .help(hint),
    )
}

fn of_extract(step: &Step, reference: &Reference, at: usize, missing: &Missing) -> Option<Diagnostic> {
    let segment = reference.path.get(at)?;
    let name = segment.name()?;
    if !step.is_extract_whole
        || missing.may_hold(name)
        || step.extract.iter().any(|extract| extract.name.value == *name)
    {
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

/// Returns the error of the name at `at`, which must be an output of a module.
pub fn of_module(module: &Module, reference: &Reference, at: usize) -> Option<Diagnostic> {
    let segment = reference.path.get(at)?;
    let name = segment.name()?;
    let known = || module.runbook.outputs.iter().map(|output| &*output.name.value);
    if module.runbook.files.is_empty() || known().any(|output| output == &**name) {
        return None;
    }
    let hint = did_you_mean(name, known()).unwrap_or_else(|| match known().next() {
        Some(_) => listed("it has", known()),
        None => format!("declare it there: `output \"{name}\" {{ value = … }}`"),
    });
    Some(
        Diagnostic::error(
            "unknown-output",
            format!("the module `{}` has no output `{name}`", module.name.value),
        )
        .at(segment.span(), "no output of this name in the runbook of the module")
        .help(hint),
    )
}

fn listed<'a>(verb: &str, names: impl Iterator<Item = &'a str>) -> String {
    let all: Vec<_> = names.map(|name| format!("`{name}`")).collect();
    format!("{verb} {}", all.join(", "))
}
