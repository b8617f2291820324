//! Defines named values as others may see them.

use indexmap::IndexMap;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value as Json};

use super::ShownValue;
use super::marks::{ShownMarks, UnknownPart};
use super::path::{Key, Path};
use crate::redact::{Redact, Secrets};
use crate::step::Field;
use crate::value::{Data, Value};

/// Values under names that a runbook or a step type declares, in a defined order; serialized as one
/// [`ShownValue`].
///
/// A value that is a part of another one is written once: `copies` has its name and the path of the original,
/// and reading restores it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    values: IndexMap<String, ShownValue>,
    copies: Vec<Copied>,
}

/// A value that is a part of another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Copied {
    /// The name of the value.
    name: String,
    /// The path of the original, which begins with another name.
    of: Path,
}

/// The members of named values as they are read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    value: Map<String, Json>,
    #[serde(default)]
    sensitive: Vec<Path>,
    #[serde(default)]
    ephemeral: Vec<Path>,
    #[serde(default)]
    unknown: Vec<UnknownPart>,
    #[serde(default)]
    copies: Vec<Copied>,
}

/// The members of named values as they are written.
#[derive(Serialize)]
struct Written<'a> {
    value: Originals<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sensitive: Vec<Path>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ephemeral: Vec<Path>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unknown: Vec<UnknownPart>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    copies: &'a [Copied],
}

impl Named {
    /// Returns the members of an object.
    #[must_use]
    pub fn of_object(object: &Value) -> Self {
        match object.data() {
            Data::Object(entries) | Data::Map(_, entries) if !object.is_marked() => {
                entries.iter().map(|(name, value)| (name.to_string(), value)).collect()
            }
            _ => Self::default(),
        }
    }

    /// Returns the result of a step with these outputs. An output that is a part of the response is written
    /// once.
    #[must_use]
    pub fn of_result(object: &Value, outputs: &[Field]) -> Self {
        let mut named = Self::of_object(object);
        for (field, member) in outputs.iter().filter_map(|field| Some((field, field.body?))) {
            let of = vec![Key::Name("body".to_owned()), Key::Name(member.to_owned())];
            if named.get(field.name).is_some() && named.get(field.name) == named.part(&of).as_ref() {
                named.copies.push(Copied { name: field.name.to_owned(), of });
            }
        }
        named
    }

    /// Returns the value with that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&ShownValue> {
        self.values.get(name)
    }

    /// Returns the names and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &ShownValue)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Returns the names in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    /// Returns true if there are no values.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Returns the names and the values for display.
    pub fn to_values(&self) -> impl Iterator<Item = (&str, Value)> {
        // Converting fails only on a number beyond all limits, which no value contains.
        self.iter().map(|(name, shown)| (name, shown.to_value().unwrap_or(Value::NULL)))
    }

    /// Returns the part at a path that begins with a name.
    fn part(&self, path: &[Key]) -> Option<ShownValue> {
        match path.split_first()? {
            (Key::Name(name), rest) => self.get(name)?.part(rest),
            (Key::Index(_), _) => None,
        }
    }

    fn is_copy(&self, name: &str) -> bool {
        self.copies.iter().any(|copied| copied.name == name)
    }

    /// Returns the values that are written: all but the copies.
    fn originals(&self) -> impl Iterator<Item = (&str, &ShownValue)> {
        self.iter().filter(|(name, _)| !self.is_copy(name))
    }

    /// Returns the marks of the values that are written, by paths that begin with their names.
    fn marks(&self) -> ShownMarks {
        let mut marks = ShownMarks::default();
        for (name, shown) in self.originals().filter(|(_, shown)| !shown.is_whole()) {
            marks.add(&Key::Name(name.to_owned()), shown.marks.clone());
        }
        marks
    }

    /// Returns all values as one, in a form for comparison by a digest.
    pub(in crate::plan) fn comparable(&self) -> ShownValue {
        let value = self.originals().map(|(name, shown)| (name.to_owned(), shown.value.clone()));
        ShownValue { value: value.collect(), marks: self.marks() }.comparable()
    }
}

/// The JSON of the values that are written.
struct Originals<'a>(&'a Named);

impl Serialize for Originals<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.originals().map(|(name, shown)| (name, &shown.value)))
    }
}

impl<'a, N: Into<String>> FromIterator<(N, &'a Value)> for Named {
    fn from_iter<I: IntoIterator<Item = (N, &'a Value)>>(values: I) -> Self {
        let values = values.into_iter().map(|(name, value)| (name.into(), value.into()));
        Self { values: values.collect(), copies: Vec::new() }
    }
}

impl Serialize for Named {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let ShownMarks { sensitive, ephemeral, unknown } = self.marks();
        let value = Originals(self);
        Written { value, sensitive, ephemeral, unknown, copies: &self.copies }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Named {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Read { value, sensitive, ephemeral, unknown, copies } = Read::deserialize(deserializer)?;
        let marks = ShownMarks { sensitive, ephemeral, unknown };
        let mut marks = marks
            .by_member()
            .ok_or_else(|| D::Error::custom("a path does not begin with the name of a value"))?;
        let mut values = IndexMap::with_capacity(value.len() + copies.len());
        for (name, value) in value {
            let marks = marks.remove(&name).unwrap_or_default();
            values.insert(name, ShownValue::of(value, marks).map_err(D::Error::custom)?);
        }
        if !marks.is_empty() {
            return Err(D::Error::custom("a path begins with the name of no value"));
        }
        let mut named = Self { values, copies: Vec::new() };
        for Copied { name, of } in &copies {
            let original = named.part(of).ok_or_else(|| D::Error::custom("a copy has no original"))?;
            named.values.insert(name.clone(), original);
        }
        Ok(Self { copies, ..named })
    }
}

/// Names are not redacted: they are those of variables, arguments and outputs.
impl Redact for Named {
    fn redact(&mut self, secrets: &Secrets) {
        self.values.values_mut().for_each(|value| value.redact(secrets));
        // The members of the response are those of a service.
        let keys = self.copies.iter_mut().flat_map(|copied| copied.of.iter_mut().skip(1));
        keys.for_each(|key| key.redact(secrets));
    }

    fn samples(text: &str) -> Vec<Self> {
        let samples = ShownValue::samples(text).into_iter().enumerate();
        let mut values: IndexMap<_, _> = samples.map(|(at, value)| (format!("name{at}"), value)).collect();
        let of = vec![Key::Name("name1".to_owned()), Key::Name(text.to_owned())];
        let original = values["name1"].part(&of[1..]);
        let copies = original.map(|original| {
            values.insert("copy".to_owned(), original);
            Copied { name: "copy".to_owned(), of }
        });
        vec![Self { values, copies: copies.into_iter().collect() }]
    }
}
