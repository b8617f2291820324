//! Defines how a step type receives its arguments.

use crate::value::{Data, Entries, PathStep, TextPart, Type, Value};

use super::{Accepts, Arg, ArgumentError, Field, Group, Text};

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
/// `#[argument(sensitive)]` makes the value of a field sensitive wherever it comes from, and `#[argument(sink = "body")]`
/// names the [`Sink`](super::Sink) where it ends, if the actions of the step do not tell. The attribute
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

    /// Writes a text of which only some parts are known as requests contain it; none if it is unknown as a whole.
    ///
    /// The error is a fragment about the known parts, such as `must be an absolute path`.
    fn from_parts(_parts: &[TextPart]) -> Result<Option<Text>, String> {
        Ok(None)
    }
}

impl<T: ArgumentType> Arg<T> {
    /// Converts `value`, which may be unknown.
    pub fn of(value: &Value) -> Result<Self, Vec<ArgumentError>> {
        if !T::is_known(value) {
            let text = partial::<T>(value).map_err(|message| vec![ArgumentError::value(message)])?;
            return Ok(match text {
                Some(text) if T::is_sensitive(value) => Self::Partial(text.hidden()),
                Some(text) => Self::Partial(text),
                None => Self::Unknown(value.origins()),
            });
        }
        Ok(Self::Known { value: T::from_value(value)?, sensitive: T::is_sensitive(value) })
    }

    /// Takes the argument `name` from `values`; none if it is missing.
    pub fn take(values: &ArgumentValues, name: &'static str) -> Result<Option<Self>, Vec<ArgumentError>> {
        let taken = values.get(name).map(Self::of).transpose();
        match taken.map_err(|errors| inside(errors, &PathStep::Attribute(name.into())))? {
            Some(Self::Partial(text)) => Ok(Some(Self::Partial(text.of_argument(name)))),
            taken => Ok(taken),
        }
    }
}

/// Adds the step that leads to the invalid value to each error.
pub(super) fn inside(errors: Vec<ArgumentError>, step: &PathStep) -> Vec<ArgumentError> {
    errors.into_iter().map(|error| error.inside(step.clone())).collect()
}

/// Returns the text of an unknown argument, as far as it is known.
fn partial<T: ArgumentType>(value: &Value) -> Result<Option<Text>, String> {
    match value.data() {
        Data::Unknown(unknown) if unknown.ty == Type::String => T::from_parts(&unknown.parts()),
        _ => Ok(None),
    }
}
