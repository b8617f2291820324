//! Reports invalid JMESPath queries.

use crate::diagnostic::Diagnostic;
use crate::jmespath::{Query, QueryError};
use crate::source::Span;
use crate::syntax::{Expression, ExpressionKind};

/// Returns the error of the query `text`, written at `span` as a quoted string.
///
/// Its label is inside the string, if the query is written without escapes.
#[must_use]
pub fn bad_query(error: &QueryError, text: &str, span: Span) -> Diagnostic {
    let as_written = span.range().len() == text.len() + 2;
    let place = if as_written {
        let start = span.range().start + 1;
        Span::new(span.file, start + error.offset.start..start + error.offset.end)
    } else {
        span
    };
    Diagnostic::error("invalid-query", "the JMESPath query cannot be read")
        .at(place, error.message.clone())
        .maybe_help(error.help.clone())
}

/// Returns the error of the literal query in a call of `jmespath`.
#[must_use]
pub fn query_error(expression: &Expression) -> Option<Diagnostic> {
    let ExpressionKind::Call(call) = &expression.kind else { return None };
    let argument = call.arguments.get(1).filter(|_| &*call.name.value == "jmespath")?;
    let ExpressionKind::Literal(value) = &argument.kind else { return None };
    let text = value.as_str()?;
    Query::parse(text).err().map(|error| bad_query(&error, text, argument.span))
}
