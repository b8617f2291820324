//! Reports invalid and misleading JMESPath queries.

use std::ops::Range;

use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::jmespath::{Hint, Query, QueryError};
use crate::source::Span;
use crate::syntax::{Call, Expression, ExpressionKind};
use crate::value::quote;

/// The maximum number of corrections of one query.
const MOST_CORRECTIONS: usize = 16;

/// Returns the error of the query `text`, written at `span` as a quoted string.
///
/// Its label is inside the string, if the query is written without escapes.
#[must_use]
pub fn bad_query(error: &QueryError, text: &str, span: Span) -> Diagnostic {
    Diagnostic::error("invalid-query", "the JMESPath query cannot be read")
        .at(place(&error.offset, text, span), error.message.clone())
        .maybe_help(error.help.clone())
        .maybe_help(correction(error.corrected.as_deref()))
}

/// Returns the warning about the query `text`, written at `span` as a quoted string.
#[must_use]
pub fn odd_query(hint: &Hint, text: &str, span: Span) -> Diagnostic {
    Diagnostic::warning("odd-query", "the JMESPath query is misleading")
        .at(place(&hint.offset, text, span), hint.message.clone())
        .maybe_help(correction(hint.corrected.as_deref()))
}

/// Returns the error or the warnings about the query `text`, written at `span` as a quoted string.
#[must_use]
pub fn query_messages(text: &str, span: Span) -> Vec<Diagnostic> {
    match Query::parse(text) {
        Ok(query) => query.hints().iter().map(|hint| odd_query(hint, text, span)).collect(),
        Err(error) => vec![bad_query(&error, text, span)],
    }
}

/// Returns the query argument of a call of `jmespath`.
#[must_use]
pub fn asked(call: &Call) -> Option<&Expression> {
    call.arguments.get(1).filter(|_| &*call.name.value == "jmespath")
}

/// Returns the error of the literal query in a call of `jmespath`.
#[must_use]
pub fn query_error(expression: &Expression) -> Option<Diagnostic> {
    messages_about(expression).into_iter().find(|message| message.severity == Severity::Error)
}

/// Returns the errors and warnings about the literal queries in `expression`.
#[must_use]
pub fn queries_within(expression: &Expression) -> Diagnostics {
    let mut found = Diagnostics::new();
    expression.walk(&mut |part| found.extend(messages_about(part)));
    found
}

/// Returns the messages about the literal query of `part`, if it is a call of `jmespath`.
fn messages_about(part: &Expression) -> Vec<Diagnostic> {
    let ExpressionKind::Call(call) = &part.kind else { return Vec::new() };
    match asked(call) {
        Some(Expression { kind: ExpressionKind::Literal(value), span }) => {
            value.as_str().map(|text| query_messages(text, *span)).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

/// Writes a corrected query as a string literal of the file; none if it needs further corrections that are unknown.
fn correction(corrected: Option<&str>) -> Option<String> {
    let mut query = corrected?.to_owned();
    for _ in 0..MOST_CORRECTIONS {
        let next = match Query::parse(&query) {
            Ok(valid) => valid.hints().iter().find_map(|hint| hint.corrected.clone()),
            Err(error) => Some(error.corrected?),
        };
        match next.filter(|next| *next != query) {
            Some(next) => query = next,
            None => return Query::parse(&query).is_ok().then(|| format!("write {}", quote(&query))),
        }
    }
    None
}

fn place(offset: &Range<usize>, text: &str, span: Span) -> Span {
    let as_written = span.range().len() == text.len() + 2;
    if as_written {
        let start = span.range().start + 1;
        Span::new(span.file, start + offset.start..start + offset.end)
    } else {
        span
    }
}
