//! Defines how a step type receives its arguments.

use crate::value::{Entries, PathStep, Type, Value};

use super::{Accepts, Arg, ArgumentError, Field, Group};

/// The arguments of a step instance by name, each converted to the type of its [`Field`].
///
/// Missing and null arguments are left out.
pub type ArgumentValues = Entries;

/// The arguments of a step type or of a nested block; derived, with the doc comments of the fields as their
/// documentation.
///
/// Each field is an `Arg<T>`, or an `Option<Arg<T>>` if it is optional. `T` is any [`ArgumentType`]:
///
/// | `T` | in a runbook |
/// |---|---|
/// | `String`, `bool`, `Number`, `Value` | text, `true` or `false`, an exact number, any value |
/// | [`Whole<1, 65535>`](super::Whole) | a whole number in this range |
/// | `Duration`, [`FileMode`](super::FileMode) | text such as `"30s"`, text such as `"0600"` |
/// | an enum that derives [`Choice`](super::Choice) | one of its words |
/// | `Vec<T>`, `BTreeSet<T>`, `BTreeMap<String, T>` | a list, a set, a map; unknown if an element is |
/// | `Vec<Arg<T>>`, `BTreeMap<String, Arg<T>>` | the same, with elements that may each be unknown or sensitive |
/// | a struct that derives `Arguments` | a nested block `name { … }` |
/// | `Vec` of such a struct | any number of such blocks, in order |
///
/// `#[argument(sensitive)]` makes the value of a field sensitive wherever it comes from. The attribute
/// `#[arguments(…)]` of the struct declares rules about several arguments: `exactly_one(a, b)`,
/// `at_most_one(a, b)`, `together(a, b)` and `requires(a, b)`.
pub trait Arguments: Sized {
    /// The documentation: the doc comment of the struct.
    const DOCS: &str;

    /// The rules about several arguments.
    const GROUPS: &'static [Group] = &[];

    /// Returns the arguments in declaration order.
    fn fields() -> Vec<Field>;

    /// Converts the arguments; returns all errors at once.
    fn take(values: &ArgumentValues) -> Result<Self, Vec<ArgumentError>>;
}

/// A type of an argument.
pub trait ArgumentType: Sized {
    /// Returns the type of the accepted values.
    fn ty() -> Type;

    /// Describes the accepted values beyond their type.
    #[must_use]
    fn accepts() -> Accepts {
        Accepts::All
    }

    /// Returns true if enough of `value` is known for [`Self::from_value`].
    #[must_use]
    fn is_known(value: &Value) -> bool {
        value.is_wholly_known()
    }

    /// Returns true if the converted value must not be shown. A type that contains [`Arg`]s leaves out their
    /// parts, each of which has a sensitivity of its own.
    #[must_use]
    fn is_sensitive(value: &Value) -> bool {
        value.has_deep_marks()
    }

    /// Converts a value of type [`Self::ty`] for which [`Self::is_known`] is true; the message of an error is a
    /// fragment such as `must be an absolute path`.
    fn from_value(value: &Value) -> Result<Self, Vec<ArgumentError>>;
}

impl<T: ArgumentType> Arg<T> {
    /// Converts `value`, which may be unknown.
    pub fn of(value: &Value) -> Result<Self, Vec<ArgumentError>> {
        if !T::is_known(value) {
            return Ok(Self::Unknown(value.origins()));
        }
        Ok(Self::Known { value: T::from_value(value)?, sensitive: T::is_sensitive(value) })
    }

    /// Takes the argument `name` from `values`; none if it is missing.
    pub fn take(values: &ArgumentValues, name: &'static str) -> Result<Option<Self>, Vec<ArgumentError>> {
        values
            .get(name)
            .map(Self::of)
            .transpose()
            .map_err(|errors| inside(errors, &PathStep::Attribute(name.into())))
    }
}

/// Adds the step that leads to the invalid value to each error.
pub(super) fn inside(errors: Vec<ArgumentError>, step: &PathStep) -> Vec<ArgumentError> {
    errors.into_iter().map(|error| error.inside(step.clone())).collect()
}
