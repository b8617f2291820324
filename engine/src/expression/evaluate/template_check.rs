//! Checks the text of a template before anything renders it.

use super::TemplateLanguage;
use super::jinja;
use super::template_release::releases;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::expression::unknown_name;
use crate::source::{FileId, SourceFile, Sources, Span};
use crate::syntax::{Expression, ExpressionKind, parse_template};

/// Checks the template in `file`: its syntax, and its free names against `names`, those of the variables that it gets, if
/// these are known. `rendered_at` is the place of the call.
#[must_use]
pub fn check_template(
    language: TemplateLanguage,
    sources: &Sources,
    file: FileId,
    names: Option<&[&str]>,
) -> Diagnostics {
    match language {
        TemplateLanguage::Terraform => match parse_template(sources, file) {
            Ok(template) => {
                let mut found = unknown_names(&template, names.unwrap_or_default(), names.is_some());
                found.append(releases(&template));
                found
            }
            Err(found) => found,
        },
        TemplateLanguage::Jinja => {
            let faults = jinja::check(sources.file(file).text(), names);
            faults.into_iter().map(|fault| fault.diagnostic(file)).collect()
        }
    }
}

/// Checks a template that messages call `shown`; returns one line for each mistake, with its place.
#[must_use]
pub fn check_template_text(
    language: TemplateLanguage,
    shown: &str,
    text: &str,
    names: Option<&[&str]>,
) -> Vec<String> {
    let mut sources = Sources::new();
    let file = sources.add(SourceFile::new(shown, text.to_owned()));
    let line = |found: &Diagnostic| {
        let help = found.help.iter().find(|help| help.starts_with("did you mean"));
        let wrong = match help {
            Some(help) => format!("{}; {help}", found.in_one_line()),
            None => found.in_one_line(),
        };
        let Some(label) = &found.primary else { return wrong };
        let at = sources.start(label.span);
        format!("{shown}:{}:{}: {wrong}", at.line, at.column)
    };
    let found = check_template(language, &sources, file, names);
    found.iter().filter(|found| found.severity == Severity::Error).map(line).collect()
}

/// Returns an error for each free name of a template that it does not get, outside of `try` and `can`.
fn unknown_names(template: &Expression, names: &[&str], are_known: bool) -> Diagnostics {
    let mut found = Diagnostics::new();
    if !are_known {
        return found;
    }
    let mut tolerated: Vec<Span> = Vec::new();
    template.walk(&mut |part| match &part.kind {
        ExpressionKind::Call(call) if ["try", "can"].contains(&call.function()) => tolerated.push(part.span),
        _ => {}
    });
    let is_tolerated = |at: Span| tolerated.iter().any(|span| span.contains(at));
    let candidates: Vec<std::sync::Arc<str>> = names.iter().map(|name| (*name).into()).collect();
    for reference in template.references() {
        let root = &reference.root;
        if !names.contains(&&*root.value) && !is_tolerated(root.span) {
            found.push(*unknown_name(root, candidates.iter()));
        }
    }
    found
}
