//! Warns about keys that appear twice in an object.

use std::collections::HashMap;

use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::{ExpressionKind, ObjectItem};

use super::view::View;

pub fn check(view: &View<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    view.walk(|part| {
        if let ExpressionKind::Object(items) = &part.kind {
            repeated(items, &mut found);
        }
    });
    found
}

fn repeated(items: &[ObjectItem], found: &mut Vec<Diagnostic>) {
    let mut first: HashMap<String, Span> = HashMap::new();
    for item in items {
        let ExpressionKind::Literal(key) = &item.key.kind else { continue };
        let Some(key) = key.as_str() else { continue };
        if let Some(earlier) = first.insert(key.to_owned(), item.key.span) {
            found.push(
                Diagnostic::warning("repeated-key", format!("duplicate key `{key}` in an object"))
                    .at(item.key.span, "this value counts")
                    .also(earlier, "this one is lost")
                    .help("remove one of the two"),
            );
        }
    }
}
