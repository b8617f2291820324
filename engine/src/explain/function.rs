//! A function of expressions or of queries, for people and for tools.

use serde_json::{Value as Json, json};

use super::lines::{indented, line};
use crate::{expression, jmespath};

/// The signature of a function of expressions, and an example.
pub(super) fn text(docs: &expression::FunctionDocs) -> String {
    let mut text = format!("{}\n\n{}\n\nExample\n", docs.signature, docs.description);
    line(&mut text, format_args!("  > {}", docs.example.expression));
    indented(&mut text, "  ", docs.example.result);
    text
}

/// The same for tools.
pub(super) fn json(docs: &expression::FunctionDocs) -> Json {
    json!({
        "function": docs.name,
        "signature": docs.signature,
        "description": docs.description,
        "example": { "expression": docs.example.expression, "result": docs.example.result },
    })
}

/// The signature of a function of queries, and an example.
pub(super) fn query_text(docs: &jmespath::FunctionDocs) -> String {
    let jmespath::Example { data, query, result } = docs.example;
    format!(
        "{}, in a JMESPath query\n\n{}\n\nExample\n  of    {data}\n  query {query}\n  gives {result}\n",
        docs.usage, docs.description
    )
}

/// The same for tools.
pub(super) fn query_json(docs: &jmespath::FunctionDocs) -> Json {
    let jmespath::Example { data, query, result } = docs.example;
    json!({
        "jmespath_function": docs.name,
        "signature": docs.usage,
        "description": docs.description,
        "example": { "data": data, "query": query, "result": result },
    })
}
