//! Reports invalid and misleading JMESPath queries.

use std::ops::Range;

use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::jmespath::{Hint, Query, QueryError};
use crate::source::Span;
use crate::syntax::{Call, Expression, ExpressionKind};
use crate::value::quote;

/// Returns the error of the query `text`, written at `span` as a quoted string.
///
/// Its label is inside the string, if the query is written without escapes.
#[must_use]
pub fn bad_query(error: &QueryError, text: &str, span: Span) -> Diagnostic {
    Diagnostic::error("invalid-query", "the JMESPath query cannot be read")
        .at(place(&error.offset, text, span), error.message.clone())
        .maybe_help(error.help.clone())
        .maybe_help(error.corrected.as_deref().map(correction))
}

/// The warning about a query that was written at `span` as the quoted text `text`.
#[must_use]
pub fn odd_query(hint: &Hint, text: &str, span: Span) -> Diagnostic {
    Diagnostic::warning("odd-query", "the JMESPath query is misleading")
        .at(place(&hint.offset, text, span), hint.message.clone())
        .maybe_help(hint.corrected.as_deref().map(correction))
}

/// All that is wrong or odd about the query `text`, which was written at `span` as a quoted text.
#[must_use]
pub fn query_messages(text: &str, span: Span) -> Vec<Diagnostic> {
    match Query::parse(text) {
        Ok(query) => query.hints().iter().map(|hint| odd_query(hint, text, span)).collect(),
        Err(error) => vec![bad_query(&error, text, span)],
    }
}

/// The query that a call asks, when it is a call of `jmespath`.
#[must_use]
pub fn asked(call: &Call) -> Option<&Expression> {
    call.arguments.get(1).filter(|_| &*call.name.value == "jmespath")
}

/// Returns the error of the literal query in a call of `jmespath`.
#[must_use]
pub fn query_error(expression: &Expression) -> Option<Diagnostic> {
    messages_about(expression).into_iter().find(|message| message.severity == Severity::Error)
}

/// All that is wrong or odd about the queries that are written out in `expression`.
#[must_use]
pub fn queries_within(expression: &Expression) -> Diagnostics {
    let mut found = Diagnostics::new();
    expression.walk(&mut |part| found.extend(messages_about(part)));
    found
}

/// All that is wrong or odd about the query of `part`, when it is a call that has one written out.
fn messages_about(part: &Expression) -> Vec<Diagnostic> {
    let ExpressionKind::Call(call) = &part.kind else { return Vec::new() };
    match asked(call) {
        Some(Expression { kind: ExpressionKind::Literal(value), span }) => {
            value.as_str().map(|text| query_messages(text, *span)).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

/// A correction is a whole query, as the file would have it.
fn correction(query: &str) -> String {
    format!("write {}", quote(query))
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
