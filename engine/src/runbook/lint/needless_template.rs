//! Warns about templates that consist of one interpolation.

use std::collections::HashSet;

use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::{Expression, ExpressionKind};

use super::view::View;

pub fn check(view: &View<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    // A key without quotes would be a string instead of a reference.
    let mut keys: HashSet<Span> = HashSet::new();
    view.walk(|part| match &part.kind {
        ExpressionKind::Object(items) => keys.extend(items.iter().map(|item| item.key.span)),
        ExpressionKind::Wrap(inner) => {
            let is_key = keys.contains(&part.span);
            found.push(needless(part, inner, is_key, view));
        }
        _ => {}
    });
    found
}

fn needless(part: &Expression, inner: &Expression, is_key: bool, view: &View<'_>) -> Diagnostic {
    let written = view.sources.text(inner.span);
    let help = match (written.contains('\n') || written.len() > 60, is_key) {
        (true, _) => "write only the expression between `${` and `}`".to_owned(),
        (false, true) => format!("write `({written})`"),
        (false, false) => format!("write `{written}`"),
    };
    Diagnostic::warning("needless-template", "a template that is only an interpolation")
        .at(part.span, "the quotes have no effect: the value keeps its type")
        .help(help)
}
