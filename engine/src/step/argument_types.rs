//! Converts values to the common types of arguments.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::diagnostic::odd_character;
use crate::value::{Data, Entries, Number, PathStep, TextPart, Type, Value};

use super::argument::inside;
use super::{
    Accepts, Arg, ArgumentError, ArgumentType, Arguments, Block, DURATION_FORM, Form, NUMBER_AS_DURATION,
    Text, duration,
};

impl ArgumentType for String {
    fn ty() -> Type {
        Type::String
    }

    fn from_parts(parts: &[TextPart]) -> Result<Option<Text>, String> {
        let text = parts.iter().fold(Text::new(), |text, part| match part {
            TextPart::Known(known) => text.then(known),
            TextPart::Unknown(origins, _) => text.then_unknown(origins.clone(), Form::Any),
        });
        Ok((parts.len() > 1).then_some(text))
    }

    fn from_value(value: &Value) -> Result<Self, Vec<ArgumentError>> {
        value.as_str().map(ToOwned::to_owned).ok_or_else(|| ArgumentError::value("must be text").into())
    }
}

impl ArgumentType for bool {
    fn ty() -> Type {
        Type::Bool
    }

    fn from_value(value: &Value) -> Result<Self, Vec<ArgumentError>> {
        match value.data() {
            Data::Bool(value) => Ok(*value),
            _ => Err(ArgumentError::value("must be true or false").into()),
        }
    }
}

impl ArgumentType for Number {
    fn ty() -> Type {
        Type::Number
    }

    fn from_value(value: &Value) -> Result<Self, Vec<ArgumentError>> {
        match value.data() {
            Data::Number(number) => Ok(number.clone()),
            _ => Err(ArgumentError::value("must be a number").into()),
        }
    }
}

impl ArgumentType for Value {
    fn ty() -> Type {
        Type::Any
    }

    fn from_value(value: &Value) -> Result<Self, Vec<ArgumentError>> {
        Ok(value.clone())
    }
}

impl ArgumentType for Duration {
    fn ty() -> Type {
        Type::String
    }

    fn accepts() -> Accepts {
        Accepts::Written("A duration such as `30s`, `5m`, `1h30m` or `30d`.", NUMBER_AS_DURATION)
    }

    fn from_value(value: &Value) -> Result<Self, Vec<ArgumentError>> {
        let text = value.as_str().unwrap_or_default();
        let odd = || odd_character(text, '"').map(|odd| format!("{DURATION_FORM}; {odd}"));
        let error = || ArgumentError::value("must be a duration").help(DURATION_FORM).hint(odd());
        duration(text).ok_or_else(|| error().into())
    }
}

/// An element that may be unknown while its neighbours are known.
impl<T: ArgumentType> ArgumentType for Arg<T> {
    fn ty() -> Type {
        T::ty()
    }

    fn accepts() -> Accepts {
        T::accepts()
    }

    fn is_known(_: &Value) -> bool {
        true
    }

    fn is_sensitive(_: &Value) -> bool {
        false
    }

    fn from_value(value: &Value) -> Result<Self, Vec<ArgumentError>> {
        Self::of(value)
    }
}

impl<T: ArgumentType> ArgumentType for Vec<T> {
    fn ty() -> Type {
        Type::list(T::ty())
    }

    fn accepts() -> Accepts {
        match T::accepts() {
            Accepts::Block(block) => Accepts::Block(Block { repeats: true, ..block }),
            other => other,
        }
    }

    fn is_known(value: &Value) -> bool {
        !is_unknown(value) && value.children().all(T::is_known)
    }

    fn is_sensitive(value: &Value) -> bool {
        value.is_marked() || value.children().any(T::is_sensitive)
    }

    fn from_value(value: &Value) -> Result<Self, Vec<ArgumentError>> {
        match value.data() {
            Data::List(_, elements) | Data::Set(_, elements) | Data::Tuple(elements) => {
                let element = |(at, element): (usize, &Value)| {
                    let element = element.clone().with_marks(value.marks());
                    T::from_value(&element).map_err(|errors| inside(errors, &PathStep::Index(at)))
                };
                all(elements.iter().enumerate().map(element))
            }
            _ => Err(ArgumentError::value("must be a list").into()),
        }
    }
}

impl<T: ArgumentType + Ord> ArgumentType for BTreeSet<T> {
    fn ty() -> Type {
        Type::set(T::ty())
    }

    fn accepts() -> Accepts {
        T::accepts()
    }

    fn from_value(value: &Value) -> Result<Self, Vec<ArgumentError>> {
        match value.data() {
            // The elements of a set have no index.
            Data::Set(_, elements) | Data::List(_, elements) | Data::Tuple(elements) => {
                all(elements.iter().map(T::from_value))
            }
            _ => Err(ArgumentError::value("must be a set").into()),
        }
    }
}

impl<T: ArgumentType> ArgumentType for BTreeMap<String, T> {
    fn ty() -> Type {
        Type::map(T::ty())
    }

    fn accepts() -> Accepts {
        T::accepts()
    }

    fn is_known(value: &Value) -> bool {
        !is_unknown(value) && value.children().all(T::is_known)
    }

    fn is_sensitive(value: &Value) -> bool {
        value.is_marked() || value.children().any(T::is_sensitive)
    }

    fn from_value(value: &Value) -> Result<Self, Vec<ArgumentError>> {
        let Some(entries) = entries(value) else { return Err(ArgumentError::value("must be a map").into()) };
        all(entries.iter().map(|(key, value)| match T::from_value(value) {
            Ok(value) => Ok((key.to_string(), value)),
            Err(errors) => Err(inside(errors, &PathStep::Key(key.clone()))),
        }))
    }
}

/// A nested block: its arguments may each be unknown or sensitive.
impl<T: Arguments> ArgumentType for T {
    fn ty() -> Type {
        Type::object(T::fields().into_iter().map(|field| (field.name, field.ty)))
    }

    fn accepts() -> Accepts {
        Accepts::Block(Block { fields: T::fields(), groups: T::GROUPS, repeats: false })
    }

    fn is_known(value: &Value) -> bool {
        !is_unknown(value)
    }

    fn is_sensitive(value: &Value) -> bool {
        value.is_marked()
    }

    fn from_value(value: &Value) -> Result<Self, Vec<ArgumentError>> {
        let Some(mut entries) = entries(value) else {
            return Err(ArgumentError::value("must be a block").into());
        };
        entries.retain(|_, value| !value.is_null());
        T::take(&entries)
    }
}

fn is_unknown(value: &Value) -> bool {
    matches!(value.data(), Data::Unknown(_))
}

/// Returns the entries of a map or an object, which inherit its marks.
fn entries(value: &Value) -> Option<Entries> {
    let (Data::Map(_, entries) | Data::Object(entries)) = value.data() else { return None };
    let inherit = |(name, entry): (&_, &Value)| (Clone::clone(name), entry.clone().with_marks(value.marks()));
    Some(entries.iter().map(inherit).collect())
}

/// Collects all values, or all errors.
fn all<T, C: FromIterator<T>>(
    results: impl Iterator<Item = Result<T, Vec<ArgumentError>>>,
) -> Result<C, Vec<ArgumentError>> {
    let mut found = Vec::new();
    let values: C = results.filter_map(|result| result.map_err(|errors| found.extend(errors)).ok()).collect();
    if found.is_empty() { Ok(values) } else { Err(found) }
}
