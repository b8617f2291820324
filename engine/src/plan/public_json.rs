//! Converts values to and from their public JSON form, which events and plans use.

use serde_json::Value as Json;

use crate::redact::{REPLACEMENT, Redact, Secrets, redact_json};
use crate::value::{Data, JsonError, Marks, Origins, Type, Value};

/// The start of the text in place of an unknown value.
const LATER: &str = "(known after ";

/// The text in place of a sensitive value.
pub(super) const HIDDEN: &str = "(sensitive value)";

/// Returns `value` as JSON, with phrases in place of marked and unknown parts.
#[must_use]
pub fn to_public_json(value: &Value) -> Json {
    if let Some(word) = value.marks().word() {
        return format!("({word} value)").into();
    }
    match value.data() {
        Data::Null(_) => Json::Null,
        Data::Unknown(unknown) => unknown.to_string().into(),
        Data::Bool(value) => (*value).into(),
        Data::Number(value) => serde_json::from_str(&value.to_string()).unwrap_or(Json::Null),
        Data::String(value) => (&**value).into(),
        Data::List(_, values) | Data::Set(_, values) | Data::Tuple(values) => {
            values.iter().map(to_public_json).collect()
        }
        Data::Map(_, entries) | Data::Object(entries) => {
            entries.iter().map(|(name, value)| (name.to_string(), to_public_json(value))).collect()
        }
    }
}

/// Returns the marks of a value that [`to_public_json`] replaced by this text, attributed to `origin`; none
/// for any other text.
pub fn hidden(text: &str, origin: &str) -> Option<Marks> {
    match text {
        HIDDEN => Some(Marks::sensitive(origin)),
        "(ephemeral value)" => Some(Marks::ephemeral(origin)),
        _ => None,
    }
}

/// Parses the output of [`to_public_json`]; replaced parts become marked or unknown again.
pub fn from_public_json(json: &Json) -> Result<Value, JsonError> {
    Ok(match json {
        Json::String(text) => match (hidden(text, text), later(text)) {
            (Some(marks), _) => Value::NULL.with_marks(&marks),
            (None, Some(origins)) => Value::unknown(Type::Any, origins),
            (None, None) => text.as_str().into(),
        },
        Json::Array(elements) => {
            Value::tuple(elements.iter().map(from_public_json).collect::<Result<Vec<_>, _>>()?)
        }
        Json::Object(members) => {
            let members = members.iter().map(|(name, member)| Ok((name.as_str(), from_public_json(member)?)));
            Value::object(members.collect::<Result<Vec<_>, JsonError>>()?)
        }
        plain => Value::from_json(plain)?,
    })
}

fn later(text: &str) -> Option<Origins> {
    let origins = text.strip_prefix(LATER)?.strip_suffix(')')?;
    // A text with two unknown parts has a known one between them.
    (!origins.contains(LATER)).then(|| Origins::of(origins))
}

impl Redact for Value {
    /// Redacts the value: secrets are removed and marked parts replaced.
    fn redact(&mut self, secrets: &Secrets) {
        if secrets.is_empty() {
            return;
        }
        let json = redact_json(secrets, to_public_json(self));
        // Parsing fails only on a number beyond all limits, which no value contains.
        *self = from_public_json(&json).unwrap_or(Self::NULL);
    }

    fn samples(text: &str) -> Vec<Self> {
        Json::samples(text).iter().filter_map(|json| Self::from_json(json).ok()).collect()
    }
}

/// Returns true if neither redaction nor the conversion replaced a part of `json`.
pub fn is_whole(json: &Json) -> bool {
    let is_whole_text = |text: &str| hidden(text, "").is_none() && !text.contains(REPLACEMENT);
    match json {
        Json::String(text) => is_whole_text(text),
        Json::Array(elements) => elements.iter().all(is_whole),
        Json::Object(members) => members.iter().all(|(name, member)| is_whole_text(name) && is_whole(member)),
        _ => true,
    }
}

/// Registers all text in the marked parts of `value` with `secrets`.
pub fn register_secrets(secrets: &Secrets, value: &Value) {
    register_part(secrets, value, false);
}

fn register_part(secrets: &Secrets, value: &Value, inside: bool) {
    let secret = inside || value.is_marked();
    match value.data() {
        Data::String(text) if secret => secrets.add(text),
        Data::Number(number) if secret => secrets.add(&number.to_string()),
        _ => value.children().for_each(|child| register_part(secrets, child, secret)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_is_known_again() {
        for marks in [Marks::sensitive("var.x"), Marks::ephemeral("var.x")] {
            let json = to_public_json(&Value::from("hunter2").with_marks(&marks));
            assert_eq!(hidden(json.as_str().unwrap(), "var.x"), Some(marks), "{json}");
            assert_eq!(to_public_json(&from_public_json(&json).unwrap()), json);
            assert!(!is_whole(&json));
        }
        assert_eq!(hidden("hunter2", "var.x"), None);
        let json =
            serde_json::json!({ "a": [1.50, null, true, "x"], "b": "(known after step.a.b, step.c.d)" });
        assert_eq!(to_public_json(&from_public_json(&json).unwrap()), json);
        assert!(is_whole(&json) && !is_whole(&serde_json::json!([{ "a (sensitive)": 1 }])));
    }
}
