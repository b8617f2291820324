//! Defines how a step type returns its outputs.

use std::collections::BTreeMap;

use crate::value::{Data, Entries, Type, Value};

use super::Field;

/// The outputs of a step type; derived, with the doc comments of the fields as their documentation.
///
/// An `Option` field may be null. Each field declares the source of its value (`arcbook_derive` lists the
/// ways), so that no secret leaves a step unnoticed:
///
/// ```
/// use arcbook_engine::step::Outputs;
///
/// #[derive(Outputs)]
/// struct Uploaded {
///     /// URL of the blob.
///     #[output(from(account, name))]
///     url: String,
/// }
/// ```
///
/// A field without a declaration does not compile:
///
/// ```compile_fail
/// use arcbook_engine::step::Outputs;
///
/// #[derive(Outputs)]
/// struct Uploaded {
///     /// URL of the blob.
///     url: String,
/// }
/// ```
pub trait Outputs: Sized {
    /// Returns the outputs in declaration order.
    fn fields() -> Vec<Field>;

    /// Returns the values by name, without marks: the engine marks them by [`Field::sensitive`] and
    /// [`Field::from`].
    fn into_entries(self) -> Entries;
}

/// A type of an output.
pub trait OutputType: Sized {
    /// Returns the type of the values.
    fn ty() -> Type;

    /// True if the value is never null.
    const REQUIRED: bool = true;

    /// Converts to a value.
    fn into_value(self) -> Value;
}

impl OutputType for String {
    fn ty() -> Type {
        Type::String
    }

    fn into_value(self) -> Value {
        Value::string(self)
    }
}

impl OutputType for bool {
    fn ty() -> Type {
        Type::Bool
    }

    fn into_value(self) -> Value {
        self.into()
    }
}

impl OutputType for i64 {
    fn ty() -> Type {
        Type::Number
    }

    fn into_value(self) -> Value {
        self.into()
    }
}

impl OutputType for Value {
    fn ty() -> Type {
        Type::Any
    }

    fn into_value(self) -> Value {
        self
    }
}

impl OutputType for BTreeMap<String, String> {
    fn ty() -> Type {
        Type::map(Type::String)
    }

    fn into_value(self) -> Value {
        Value::string_map(self)
    }
}

impl OutputType for Vec<String> {
    fn ty() -> Type {
        Type::list(Type::String)
    }

    fn into_value(self) -> Value {
        Value::list(Type::String, self.into_iter().map(Value::string))
    }
}

impl<T: OutputType> OutputType for Option<T> {
    const REQUIRED: bool = false;

    fn ty() -> Type {
        T::ty()
    }

    fn into_value(self) -> Value {
        self.map_or_else(|| Value::new(Data::Null(T::ty())), T::into_value)
    }
}
