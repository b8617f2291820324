//! Parses JSON in service responses into values.

use arcbook_engine::value::Value;
use serde::{Deserialize, Deserializer};
use serde_json::Value as Json;
use serde_json::error::Category;

/// The UTF-8 byte order mark, which some services and editors prepend.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Returns the text without a leading byte order mark.
pub(crate) fn unmarked(text: &[u8]) -> &[u8] {
    text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text)
}

/// A `deserialize_with` function that reads null as the default; services write null for an empty list, map
/// or text.
pub(crate) fn or_empty<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// The maximum number of values in a document. Each needs about 250 bytes of memory once it is read, shown
/// and recorded, however short its text.
pub(crate) const MOST_VALUES: usize = 1_000_000;

/// Returns an upper bound of the number of values in JSON text, without member names and without parsing it,
/// even for malformed text.
pub(crate) fn count(text: &[u8]) -> usize {
    let (mut count, mut in_text, mut escaped) = (1, false, false);
    for byte in text {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b',' | b'[' | b'{' if !in_text => count += 1,
            _ => {}
        }
    }
    count
}

/// Parses JSON text; the error is a fragment that does not quote the text, which may be secret.
pub(crate) fn value(text: &[u8]) -> Result<Value, String> {
    of(&serde_json::from_slice(text).map_err(|error| position(&error))?)
}

/// Converts parsed JSON.
pub(crate) fn of(json: &serde_json::Value) -> Result<Value, String> {
    Value::from_json(json).map_err(|_| "a number in it is too large, or it is nested too deeply".to_owned())
}

/// Describes a JSON error by its position and class only, because the error's own text can quote the
/// document.
pub(crate) fn position(error: &serde_json::Error) -> String {
    let class = match error.classify() {
        Category::Io | Category::Eof => "it ends too early",
        Category::Syntax => "it is not JSON",
        Category::Data => "a field is missing or of another type",
    };
    format!("{class} (line {}, column {})", error.line(), error.column())
}

/// Merges `over` over `body`: objects member by member, anything else as a whole.
pub(crate) fn merge(body: &mut Json, over: Json) {
    match (body, over) {
        (Json::Object(body), Json::Object(over)) => {
            for (name, value) in over {
                merge(body.entry(name).or_insert(Json::Null), value);
            }
        }
        (body, over) => *body = over,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_is_left_out_of_the_count() {
        for (text, values) in [
            ("null", 1),
            ("[]", 1),
            ("[1, 2, 3]", 4),
            (r#"{ "a": [1, { "b": 2 }], "c": "x" }"#, 6),
            (r#"["a,[{\"", "\\", ","]"#, 4),
        ] {
            let document: serde_json::Value = serde_json::from_str(text).unwrap();
            assert_eq!(all(&document), values, "{text}");
            assert!(
                (values..=2 * values).contains(&count(text.as_bytes())),
                "{text}: {}",
                count(text.as_bytes())
            );
        }
    }

    fn all(value: &serde_json::Value) -> usize {
        1 + match value {
            serde_json::Value::Array(elements) => elements.iter().map(all).sum(),
            serde_json::Value::Object(members) => members.values().map(all).sum(),
            _ => 0,
        }
    }
}
