//! Reads the template files that calls of `templatefile` name, so that a mistake in one is told before a run renders it.

use std::collections::HashSet;
use std::path::Path;

use super::template_call::{names, read, written_path};
use crate::diagnostic::Diagnostics;
use crate::expression::{TemplateLanguage, check_template, is_jinja};
use crate::runbook::Runbook;
use crate::source::{SourceFile, Sources, Span, text_without_mark};
use crate::syntax::{Call, Expression, ExpressionKind};

/// Adds the mistakes in the template files of `runbook`, which must be valid, with their places there. A template with a
/// mistake becomes one of the sources.
pub fn check(runbook: &Runbook, base: &Path, sources: &mut Sources, found: &mut Diagnostics) {
    let mut calls: Vec<(Call, Span)> = Vec::new();
    for expression in runbook.expressions() {
        collect(expression, &mut calls);
    }
    let mut told = HashSet::new();
    for (call, at) in calls {
        for wrong in mistakes(&call, at, runbook, base, sources) {
            // Two calls of one template have the same mistakes.
            let place = wrong.primary.as_ref().map(|label| {
                let position = sources.start(label.span);
                (sources.file(label.span.file).path().to_owned(), position.line, position.column)
            });
            if told.insert((place, wrong.summary.clone())) {
                found.push(wrong);
            }
        }
    }
}

/// Collects the calls whose failure nothing tolerates.
fn collect(expression: &Expression, calls: &mut Vec<(Call, Span)>) {
    let mut tolerated: Vec<Span> = Vec::new();
    expression.walk(&mut |part| {
        let ExpressionKind::Call(call) = &part.kind else { return };
        let is_inside = |outer: &Span| outer.contains(part.span);
        match call.function() {
            "try" | "can" => tolerated.push(part.span),
            "templatefile" if !tolerated.iter().any(is_inside) => calls.push(((**call).clone(), part.span)),
            _ => {}
        }
    });
}

fn mistakes(call: &Call, at: Span, runbook: &Runbook, base: &Path, sources: &mut Sources) -> Diagnostics {
    let [path, variables] = call.arguments.as_slice() else { return Diagnostics::new() };
    let Some(path) = written_path(path, runbook, base) else { return Diagnostics::new() };
    // The rendering tells about a file that cannot be read.
    let Some(text) = read(&path, runbook, base) else { return Diagnostics::new() };
    let source = || SourceFile::new(base.join(&path), text_without_mark(&text).to_owned());
    let names = names(variables);
    let names: Option<Vec<&str>> = names.as_ref().map(|names| names.iter().map(AsRef::as_ref).collect());
    let language = if is_jinja(&path) { TemplateLanguage::Jinja } else { TemplateLanguage::Terraform };
    let mut own = Sources::new();
    let file = own.add(source());
    if check_template(language, &own, file, names.as_deref()).iter().next().is_none() {
        return Diagnostics::new();
    }
    let file = sources.add(source());
    let found = check_template(language, sources, file, names.as_deref());
    found.into_iter().map(|wrong| wrong.also(at, "this call renders it")).collect()
}
