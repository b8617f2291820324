//! Views values as JMESPath types.

use crate::value::{Data, Entries, Number, Value};

/// A value as one of JMESPath's types.
#[derive(Clone, Copy)]
pub(super) enum View<'a> {
    Null,
    /// An unknown value, or a set with an unknown number of elements.
    Unknown,
    Bool(bool),
    Number(&'a Number),
    Text(&'a str),
    Array(&'a [Value]),
    Object(&'a Entries),
}

impl<'a> View<'a> {
    pub(super) fn of(value: &'a Value) -> Self {
        match value.data() {
            Data::Null(_) => Self::Null,
            Data::Unknown(_) => Self::Unknown,
            Data::Bool(value) => Self::Bool(*value),
            Data::Number(value) => Self::Number(value),
            Data::String(text) => Self::Text(text),
            Data::Set(..) if value.length().is_none() => Self::Unknown,
            Data::List(_, elements) | Data::Set(_, elements) | Data::Tuple(elements) => Self::Array(elements),
            Data::Map(_, entries) | Data::Object(entries) => Self::Object(entries),
        }
    }

    /// Returns the name as in `type()`; none if unknown.
    pub(super) fn type_name(self) -> Option<&'static str> {
        Some(match self {
            Self::Unknown => return None,
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Number(_) => "number",
            Self::Text(_) => "string",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
        })
    }

    /// Returns the truth: false for null, false and empty values; none if unknown.
    pub(super) fn truth(self) -> Option<bool> {
        match self {
            Self::Unknown => None,
            Self::Null => Some(false),
            Self::Bool(value) => Some(value),
            Self::Number(_) => Some(true),
            Self::Text(text) => Some(!text.is_empty()),
            Self::Array(elements) => Some(!elements.is_empty()),
            Self::Object(entries) => Some(!entries.is_empty()),
        }
    }
}
