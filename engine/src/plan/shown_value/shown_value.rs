//! Defines a value as others may see it.

use std::collections::HashMap;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value as Json;

use super::marks::{PartMarks, ShownMarks, UnknownPart};
use super::path::{Key, Path, Trail, part, part_mut};
use super::shown_text::ShownTextPart;
use crate::value::{Data, JsonError, Marks, Origins, Type, Value};

/// A value as plans, records and events hold it: JSON, and beside it the paths of the parts that are sensitive,
/// ephemeral or unknown, which are null in the JSON.
///
/// No text that a user can write looks like a missing part. A text that contained a secret is in the JSON with
/// `(sensitive)` in place of the secret, and is listed as sensitive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShownValue {
    pub(super) value: Json,
    pub(super) marks: ShownMarks,
}

/// The members of a shown value as they are read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    value: Json,
    #[serde(default)]
    sensitive: Vec<Path>,
    #[serde(default)]
    ephemeral: Vec<Path>,
    #[serde(default)]
    unknown: Vec<UnknownPart>,
}

/// The members of a shown value as they are written.
#[derive(Serialize)]
struct Written<'a> {
    value: &'a Json,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    sensitive: &'a [Path],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    ephemeral: &'a [Path],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    unknown: &'a [UnknownPart],
}

impl Serialize for ShownValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let ShownMarks { sensitive, ephemeral, unknown } = &self.marks;
        Written { value: &self.value, sensitive, ephemeral, unknown }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ShownValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Read { value, sensitive, ephemeral, unknown } = Read::deserialize(deserializer)?;
        Self::of(value, ShownMarks { sensitive, ephemeral, unknown }).map_err(D::Error::custom)
    }
}

impl From<&Value> for ShownValue {
    fn from(value: &Value) -> Self {
        let mut marks = ShownMarks::default();
        let value = show(value, Trail::Root, &mut marks);
        Self { value, marks }
    }
}

impl ShownValue {
    /// Returns JSON with these marks; fails if a path leads to nothing.
    pub(super) fn of(value: Json, marks: ShownMarks) -> Result<Self, &'static str> {
        if marks.paths().any(|path| part(&value, path).is_none()) {
            return Err("a path leads to a part that the value does not have");
        }
        Ok(Self { value, marks })
    }

    /// Returns the part at a path with its marks, unless it is within a part that is missing.
    #[must_use]
    pub fn part(&self, path: &[Key]) -> Option<Self> {
        let value = part(&self.value, path)?.clone();
        Some(Self { value, marks: self.marks.below(path) })
    }

    /// Returns the JSON, with null in place of the missing parts.
    #[must_use]
    pub fn json(&self) -> &Json {
        &self.value
    }

    /// Returns true if no part is missing or redacted.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.marks.is_empty()
    }

    /// Returns the value for display: missing parts are marked or unknown, and redacted texts are as they are
    /// shown.
    pub fn to_value(&self) -> Result<Value, JsonError> {
        self.read(&|part, json| match part.unknown {
            Some(unknown) => Some(unknown.to_value()),
            None if part.sensitive && !part.ephemeral && !json.is_null() => None,
            None => Some(Value::NULL.with_marks(&part.marks("a record"))),
        })
    }

    /// Returns the value for further use: missing and redacted parts are unknown until `later`, and sensitive
    /// and ephemeral ones are marked with `origin`.
    ///
    /// Lists, sets and maps become tuples and objects, since the JSON does not distinguish them.
    pub fn restored(&self, origin: &str, later: &Origins) -> Result<Value, JsonError> {
        self.read(&|part, _| Some(Value::unknown(Type::Any, later.clone()).with_marks(&part.marks(origin))))
    }

    /// Returns the value with the paths in order and nothing of redacted texts, for comparison by a digest.
    #[must_use]
    pub(in crate::plan) fn comparable(mut self) -> Self {
        for path in &self.marks.sensitive {
            if let Some(part) = part_mut(&mut self.value, path) {
                *part = Json::Null;
            }
        }
        self.value.sort_all_objects();
        self.marks.sort();
        self
    }

    /// Converts to a value, with the result of `replace` in place of each part with marks, unless that is none.
    fn read(&self, replace: &Replace<'_>) -> Result<Value, JsonError> {
        if self.is_whole() {
            return Value::from_json(&self.value);
        }
        Reader { parts: self.marks.by_path(), path: Path::new(), replace }.read(&self.value)
    }
}

/// Returns the value in place of a part with these marks and this JSON.
type Replace<'a> = dyn Fn(&PartMarks<'_>, &Json) -> Option<Value> + 'a;

/// Reads a value whose parts have marks.
struct Reader<'a> {
    parts: HashMap<&'a [Key], PartMarks<'a>>,
    path: Path,
    replace: &'a Replace<'a>,
}

impl Reader<'_> {
    fn read(&mut self, json: &Json) -> Result<Value, JsonError> {
        let replaced = self.parts.get(self.path.as_slice()).and_then(|part| (self.replace)(part, json));
        if let Some(value) = replaced {
            return Ok(value);
        }
        match json {
            Json::Array(elements) => {
                let elements = elements.iter().enumerate();
                let elements: Result<Vec<_>, JsonError> =
                    elements.map(|(at, element)| self.below(Key::Index(at), element)).collect();
                Ok(Value::tuple(elements?))
            }
            Json::Object(members) => {
                let members = members.iter();
                let members: Result<Vec<_>, JsonError> = members
                    .map(|(name, member)| Ok((name.clone(), self.below(Key::Name(name.clone()), member)?)))
                    .collect();
                Ok(Value::object(members?))
            }
            plain => Value::from_json(plain),
        }
    }

    fn below(&mut self, key: Key, json: &Json) -> Result<Value, JsonError> {
        self.path.push(key);
        let value = self.read(json);
        self.path.pop();
        value
    }
}

/// Returns the JSON of a part of a value, and adds its marks.
fn show(value: &Value, at: Trail<'_>, marks: &mut ShownMarks) -> Json {
    if value.is_marked() {
        return hide(value.marks(), at, marks);
    }
    match value.data() {
        Data::Null(_) => Json::Null,
        Data::Unknown(unknown) => {
            let after = unknown.origins.iter().map(ToOwned::to_owned).collect();
            let text = ShownTextPart::all(value.pattern());
            marks.unknown.push(UnknownPart { path: at.path(), after, text });
            Json::Null
        }
        Data::Bool(value) => (*value).into(),
        Data::Number(value) => serde_json::from_str(&value.to_string()).unwrap_or(Json::Null),
        Data::String(value) => (&**value).into(),
        Data::List(_, values) | Data::Set(_, values) | Data::Tuple(values) => {
            let values = values.iter().enumerate();
            values.map(|(index, value)| show(value, Trail::Index(&at, index), marks)).collect()
        }
        Data::Map(_, entries) | Data::Object(entries) => {
            let member = |(name, value): (&std::sync::Arc<str>, &Value)| {
                (name.to_string(), show(value, Trail::Name(&at, name), marks))
            };
            entries.iter().map(member).collect()
        }
    }
}

fn hide(of: &Marks, at: Trail<'_>, marks: &mut ShownMarks) -> Json {
    let path = at.path();
    if of.is_ephemeral() {
        marks.ephemeral.push(path.clone());
    }
    if of.is_sensitive() {
        marks.sensitive.push(path);
    }
    Json::Null
}
