//! Describes values in messages.

use super::super::view::View;
use crate::value::Value;

/// Describes a value by its type, never by its content.
pub(super) fn described(value: &Value) -> String {
    let sort = |value: &Value| match View::of(value).type_name() {
        None => "not known yet".to_owned(),
        Some("null") => "null".to_owned(),
        Some(name @ ("array" | "object")) => format!("an {name}"),
        Some(name) => format!("a {name}"),
    };
    match View::of(value) {
        View::Array(elements) => {
            let mut sorts: Vec<_> = elements.iter().map(sort).collect();
            sorts.sort_unstable();
            sorts.dedup();
            sorts.truncate(3);
            let inside = if sorts.is_empty() { "nothing".to_owned() } else { sorts.join(" and ") };
            format!("an array with {inside} in it")
        }
        _ => sort(value),
    }
}
