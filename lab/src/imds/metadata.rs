//! Nodes of the metadata document, which a path selects.

use hyper::StatusCode;
use serde_json::Value;

use super::service::error;
use crate::exchange::Answer;

/// Returns the node at `path` in the format that the request asks for. A leaf has no JSON form.
pub(super) fn node(document: &Value, path: &[&str], format: Option<&str>) -> Answer {
    let found = path.iter().try_fold(document, |node, part| match node {
        Value::Array(items) => items.get(part.parse::<usize>().ok()?),
        _ => node.get(part),
    });
    let Some(node) = found else {
        return error(StatusCode::NOT_FOUND, "not_found", "The requested resource does not exist.");
    };
    let as_text = match format {
        None => false,
        Some(format) if format.eq_ignore_ascii_case("json") => false,
        Some(format) if format.eq_ignore_ascii_case("text") => true,
        Some(_) => return error(StatusCode::BAD_REQUEST, "bad_request", "The format is json or text."),
    };
    let leaf = match node {
        Value::String(text) => Some(text.as_str()),
        Value::Null => Some(""),
        _ => None,
    };
    match (leaf, as_text) {
        (Some(text), true) => {
            Answer::new(StatusCode::OK).header("content-type", "text/plain").body(text.to_owned())
        }
        (Some(_), false) => {
            error(StatusCode::BAD_REQUEST, "bad_request", "The requested node is a leaf; use format=text.")
        }
        (None, true) => Answer::new(StatusCode::OK).header("content-type", "text/plain").body(children(node)),
        (None, false) => Answer::json(StatusCode::OK, node),
    }
}

/// Lists what is below a node, one name a line; names of nodes that are no leaves end in a slash.
fn children(node: &Value) -> String {
    let line = |name: String, child: &Value| match child {
        Value::Object(_) | Value::Array(_) => format!("{name}/"),
        _ => name,
    };
    let lines: Vec<String> = match node {
        Value::Object(members) => members.iter().map(|(name, child)| line(name.clone(), child)).collect(),
        Value::Array(items) => {
            items.iter().enumerate().map(|(index, child)| line(index.to_string(), child)).collect()
        }
        _ => Vec::new(),
    };
    lines.join("\n")
}
