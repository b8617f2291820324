//! Values as JMESPath sees them.

use crate::value::{Data, Entries, Number, Value};

/// A value as one of JMESPath's types.
#[derive(Clone, Copy)]
pub(super) enum View<'a> {
    Null,
    /// Not known, or a set of which it is not known how many elements it has.
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

    /// The name that `type()` gives it; none when it is unknown.
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

    /// Whether it counts as true: not null, false or empty. None when that is not known.
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
