//! Defines how a step type receives its arguments.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::value::{Data, Entries, Type, Value};

use super::{Arg, Field};

/// The arguments of a step instance by name, each converted to the type of its [`Field`].
///
/// Missing and null arguments are left out.
pub type ArgumentValues = Entries;

/// An invalid argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArgumentError {
    /// The name of the argument.
    pub argument: &'static str,
    /// The message, as a fragment such as `must be 3 to 63 characters long`.
    pub message: String,
    /// The remedy.
    pub help: Option<String>,
}

impl ArgumentError {
    /// Returns an error without a remedy.
    pub fn new(argument: &'static str, message: impl Into<String>) -> Self {
        Self { argument, message: message.into(), help: None }
    }

    /// Sets the remedy.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// The arguments of a step type; derived, with the doc comments of the fields as their documentation.
///
/// Each field is an `Arg<T>`, or an `Option<Arg<T>>` if it is optional.
pub trait Arguments: Sized {
    /// The documentation of the step type: the doc comment of the struct.
    const DOCS: &str;

    /// Returns the arguments in declaration order.
    fn fields() -> Vec<Field>;

    /// Converts the arguments; returns all errors at once.
    fn take(values: &ArgumentValues) -> Result<Self, Vec<ArgumentError>>;
}

/// A type of an argument.
pub trait ArgumentType: Sized {
    /// Returns the type of the accepted values.
    fn ty() -> Type;

    /// Converts a wholly known value of type [`Self::ty`]; the error is a fragment such as
    /// `must be an absolute path`.
    fn from_value(value: &Value) -> Result<Self, String>;
}

impl<T: ArgumentType> Arg<T> {
    /// Takes the argument `name` from `values`; none if it is missing.
    pub fn take(values: &ArgumentValues, name: &'static str) -> Result<Option<Self>, ArgumentError> {
        let Some(value) = values.get(name) else { return Ok(None) };
        if !value.is_wholly_known() {
            return Ok(Some(Self::Unknown(value.origins())));
        }
        let sensitive = value.has_deep_marks();
        match T::from_value(value) {
            Ok(value) => Ok(Some(Self::Known { value, sensitive })),
            Err(message) => Err(ArgumentError::new(name, message)),
        }
    }
}

impl ArgumentType for String {
    fn ty() -> Type {
        Type::String
    }

    fn from_value(value: &Value) -> Result<Self, String> {
        value.as_str().map(ToOwned::to_owned).ok_or_else(|| "must be text".to_owned())
    }
}

impl ArgumentType for bool {
    fn ty() -> Type {
        Type::Bool
    }

    fn from_value(value: &Value) -> Result<Self, String> {
        match value.data() {
            Data::Bool(value) => Ok(*value),
            _ => Err("must be true or false".to_owned()),
        }
    }
}

impl ArgumentType for Value {
    fn ty() -> Type {
        Type::Any
    }

    fn from_value(value: &Value) -> Result<Self, String> {
        Ok(value.clone())
    }
}

impl ArgumentType for BTreeMap<String, String> {
    fn ty() -> Type {
        Type::map(Type::String)
    }

    fn from_value(value: &Value) -> Result<Self, String> {
        let (Data::Map(_, entries) | Data::Object(entries)) = value.data() else {
            return Err("must be a map of strings".to_owned());
        };
        let text = |(name, value): (&Arc<str>, &Value)| match value.as_str() {
            Some(text) => Ok((name.to_string(), text.to_owned())),
            None => Err(format!("must have text for `{name}`")),
        };
        entries.iter().map(text).collect()
    }
}
