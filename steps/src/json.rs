//! JSON that services answer, as values.

use arcbook_engine::value::Value;
use serde::{Deserialize, Deserializer};
use serde_json::error::Category;

/// What some services and editors begin UTF-8 text with.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Text without the byte-order mark that may come before it.
pub(crate) fn unmarked(text: &[u8]) -> &[u8] {
    text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text)
}

/// For `deserialize_with`: null means nothing, as services write it in place of a list, a map or text that is empty.
pub(crate) fn or_empty<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// The value of JSON text; the error is a fragment that does not quote the text, which may be secret.
pub(crate) fn value(text: &[u8]) -> Result<Value, String> {
    of(&serde_json::from_slice(text).map_err(|error| position(&error))?)
}

/// The value of parsed JSON.
pub(crate) fn of(json: &serde_json::Value) -> Result<Value, String> {
    Value::from_json(json).map_err(|_| "a number in it is too large, or it is nested too deeply".to_owned())
}

/// Where JSON went wrong. The error's own text can quote the document, so only its place and class are told.
pub(crate) fn position(error: &serde_json::Error) -> String {
    let class = match error.classify() {
        Category::Io | Category::Eof => "it ends too early",
        Category::Syntax => "it is not JSON",
        Category::Data => "a field is missing or of another type",
    };
    format!("{class} (line {}, column {})", error.line(), error.column())
}
