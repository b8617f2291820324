//! Converts values to and from JSON.

use std::sync::Arc;

use serde_json::Value as Json;

use super::{Data, NumberError, Value};

/// The depth limit for conversions; the parser refuses text nested deeper than 128 already.
const MAX_DEPTH: usize = 1024;

/// The reason why text is not JSON, or a value cannot be represented as JSON.
#[derive(Debug, thiserror::Error)]
pub enum JsonError {
    /// The text is not JSON.
    #[error("not valid JSON: {0}")]
    Syntax(#[from] serde_json::Error),
    /// A number is out of range.
    #[error("{0}")]
    Number(#[from] NumberError),
    /// A value is unknown.
    #[error("a value in it is not known yet")]
    Unknown,
    /// The nesting is too deep.
    #[error("nested deeper than {MAX_DEPTH} levels")]
    Depth,
}

impl Value {
    /// Parses JSON text: arrays become tuples, objects become objects, and numbers are exact.
    ///
    /// Nesting is limited to 128 levels.
    pub fn parse_json(text: &str) -> Result<Self, JsonError> {
        Self::from_json(&serde_json::from_str(text)?)
    }

    /// Converts parsed JSON: arrays become tuples, objects become objects, and numbers are exact.
    pub fn from_json(json: &Json) -> Result<Self, JsonError> {
        read(json, 0)
    }

    /// Converts to JSON, with sorted names and sets as arrays. Marks are lost: the caller adds
    /// [`Value::deep_marks`] to anything made from the result.
    pub fn to_json(&self) -> Result<Json, JsonError> {
        write(self, 0)
    }

    /// Converts to compact JSON text, byte for byte as Terraform's `jsonencode` does: with sorted names, and
    /// with `<`, `>`, `&`, U+2028 and U+2029 escaped. Marks are lost, as in [`Value::to_json`].
    pub fn to_json_text(&self) -> Result<String, JsonError> {
        let text = serde_json::to_string(&self.to_json()?)?;
        Ok(escape_for_html(&text))
    }
}

fn read(json: &Json, depth: usize) -> Result<Value, JsonError> {
    if depth > MAX_DEPTH {
        return Err(JsonError::Depth);
    }
    Ok(match json {
        Json::Null => Value::NULL,
        Json::Bool(value) => Value::from(*value),
        Json::Number(number) => Value::new(Data::Number(number.as_str().parse()?)),
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(elements) => {
            let elements = elements.iter().map(|element| read(element, depth + 1));
            Value::new(Data::Tuple(Arc::new(elements.collect::<Result<_, _>>()?)))
        }
        Json::Object(members) => {
            let members = members.iter().map(|(name, member)| Ok((name.as_str(), read(member, depth + 1)?)));
            Value::object(members.collect::<Result<Vec<_>, JsonError>>()?)
        }
    })
}

fn write(value: &Value, depth: usize) -> Result<Json, JsonError> {
    if depth > MAX_DEPTH {
        return Err(JsonError::Depth);
    }
    Ok(match value.data() {
        Data::Unknown(_) => return Err(JsonError::Unknown),
        Data::Null(_) => Json::Null,
        Data::Bool(value) => Json::Bool(*value),
        // Parsing the text keeps every digit.
        Data::Number(value) => Json::Number(serde_json::from_str(&value.to_string())?),
        Data::String(text) => Json::String(text.to_string()),
        Data::List(_, elements) | Data::Set(_, elements) | Data::Tuple(elements) => {
            Json::Array(elements.iter().map(|element| write(element, depth + 1)).collect::<Result<_, _>>()?)
        }
        Data::Map(_, entries) | Data::Object(entries) => {
            let members =
                entries.iter().map(|(name, member)| Ok((name.to_string(), write(member, depth + 1)?)));
            Json::Object(members.collect::<Result<_, JsonError>>()?)
        }
    })
}

/// Escapes characters as Go's encoder does for use inside HTML; they occur only inside strings.
fn escape_for_html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => escaped.push_str("\\u003c"),
            '>' => escaped.push_str("\\u003e"),
            '&' => escaped.push_str("\\u0026"),
            '\u{2028}' => escaped.push_str("\\u2028"),
            '\u{2029}' => escaped.push_str("\\u2029"),
            _ => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::arbitrary;
    use super::super::{Origins, Type};
    use super::*;

    #[test]
    fn writes_the_bytes_that_terraform_writes() {
        let set = Value::set(Type::String, ["b", "a"].map(Value::from));
        let cases = [
            (Value::object([("b", Value::from(1i64)), ("a", Value::NULL)]), r#"{"a":null,"b":1}"#),
            (Value::from("<a href='x'>&</a>"), r#""\u003ca href='x'\u003e\u0026\u003c/a\u003e""#),
            (Value::from("a\"b\\c\n\r\t\u{1}\u{7f}"), "\"a\\\"b\\\\c\\n\\r\\t\\u0001\u{7f}\""),
            (Value::from("\u{2028}/"), "\"\\u2028/\""),
            (set, r#"["a","b"]"#),
            (
                Value::object([("é", 2i64), ("B", 3), ("1", 1)].map(|(name, n)| (name, n.into()))),
                r#"{"1":1,"B":3,"é":2}"#,
            ),
        ];
        for (value, text) in cases {
            assert_eq!(value.to_json_text().unwrap(), text);
        }
        let unknown = Value::tuple([Value::unknown(Type::Any, Origins::default())]);
        assert!(matches!(unknown.to_json_text(), Err(JsonError::Unknown)));
    }

    #[test]
    fn numbers_keep_every_digit() {
        for text in ["123456789012345678901234567890.123456789", "-0", "1e400", "0.0000001"] {
            let value = Value::parse_json(text).unwrap();
            assert_eq!(Value::parse_json(&value.to_json_text().unwrap()).unwrap(), value, "{text}");
        }
        assert_eq!(Value::parse_json("-0").unwrap().to_json_text().unwrap(), "-0");
    }

    #[test]
    fn what_is_not_json_is_refused() {
        let deep = "[".repeat(100_000);
        for text in ["", "{a: 1}", "[1] 2", "-", "\u{feff}1", "[1", "1e999999999", &deep] {
            assert!(Value::parse_json(text).is_err(), "{text:.20}");
        }
    }

    proptest! {
        #[test]
        fn json_reads_back(value in arbitrary::json()) {
            prop_assert_eq!(Value::parse_json(&value.to_json_text().unwrap()).unwrap(), value);
        }
    }
}
