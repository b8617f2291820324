//! Calling a function.

use super::arguments::{Arguments, is_open_set};
use super::function::{Function, Reads, Returns};
use super::{Context, Parameter, find};
use crate::value::{ConvertError, Marks, Origins, Value, convert};
use std::borrow::Cow;

/// Why a call has no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// There is no function of that name.
    #[error("there is no function named {0:?}")]
    NoFunction(String),
    /// Fewer arguments than parameters.
    #[error("function {name:?} expects {}{wanted} argument(s); missing value for {missing:?}", if *.more { "at least " } else { "" })]
    TooFew {
        /// The function.
        name: &'static str,
        /// How many it wants.
        wanted: usize,
        /// Whether it takes more than that as well.
        more: bool,
        /// The first parameter without an argument.
        missing: &'static str,
    },
    /// More arguments than parameters.
    #[error("function {name:?} expects only {wanted} argument(s)")]
    TooMany {
        /// The function.
        name: &'static str,
        /// How many it wants.
        wanted: usize,
    },
    /// One argument is wrong.
    #[error("invalid value for {parameter:?} parameter: {reason}")]
    Argument {
        /// Which argument, from 0.
        index: usize,
        /// The parameter it is for.
        parameter: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The result would be longer than there is room for.
    #[error("the result of function {name:?} would be too long")]
    TooLong {
        /// The function.
        name: &'static str,
    },
    /// The function cannot do it.
    #[error("call to function {name:?} failed: {reason}")]
    Failed {
        /// The function.
        name: &'static str,
        /// Why not.
        reason: String,
    },
}

impl CallError {
    /// The argument that is wrong, from 0, when it is about one.
    #[must_use]
    pub fn argument(&self) -> Option<usize> {
        match self {
            Self::Argument { index, .. } => Some(*index),
            Self::TooMany { wanted, .. } => Some(*wanted),
            _ => None,
        }
    }
}

/// Why a body has no result.
///
/// A reason that is put together may show what is in the arguments; one that is fixed text cannot. So only the latter
/// is told when an argument is marked.
pub(super) enum Failure {
    Argument(usize, Cow<'static, str>),
    Whole(Cow<'static, str>),
    /// The result would be longer than there is room for.
    TooLong,
}

impl Failure {
    /// The argument at `index` is wrong.
    pub(super) fn argument(index: usize, reason: impl Into<Cow<'static, str>>) -> Self {
        Self::Argument(index, reason.into())
    }

    fn without_content(self) -> Self {
        let hide = |reason| match reason {
            Cow::Borrowed(fixed) => Cow::Borrowed(fixed),
            Cow::Owned(_) => Cow::Borrowed("the reason would show a value that is not to be shown"),
        };
        match self {
            Self::Argument(index, reason) => Self::Argument(index, hide(reason)),
            Self::Whole(reason) => Self::Whole(hide(reason)),
            Self::TooLong => Self::TooLong,
        }
    }

    /// It cannot be done.
    pub(super) fn new(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::Whole(reason.into())
    }
}

impl From<ConvertError> for Failure {
    fn from(error: ConvertError) -> Self {
        Self::new(error.to_string())
    }
}

impl From<crate::value::NumberError> for Failure {
    fn from(error: crate::value::NumberError) -> Self {
        Self::new(error.to_string())
    }
}

/// The result of the function `name` for these arguments.
///
/// Arguments are converted to the types of the parameters. The result is unknown when an argument is and the function
/// needs to look at it; it waits for what they wait for. The marks of the arguments, and of what is in them, go to the
/// result or to the elements that it takes over.
pub fn call(name: &str, arguments: &[Value], context: &Context<'_>) -> Result<Value, CallError> {
    let function = find(name).ok_or_else(|| CallError::NoFunction(name.to_owned()))?;
    check_count(function, arguments.len())?;
    let mut values = converted(function, arguments)?;
    let marks = take_marks(function, &mut values);
    let waits = waits_for(function, &values);
    let result = if let Some(origins) = waits {
        unknown_result(function.returns(), &values, origins)
    } else {
        let marked = arguments.iter().any(Value::has_deep_marks);
        (function.body())(&Arguments { values: &values, context, marked })
            .map_err(|failure| named(function, if marked { failure.without_content() } else { failure }))?
    };
    Ok(result.with_marks(&marks))
}

fn check_count(function: &Function, count: usize) -> Result<(), CallError> {
    let (name, wanted, more) = (function.name(), function.parameters().len(), function.rest().is_some());
    if let Some(missing) = function.parameters().get(count) {
        return Err(CallError::TooFew { name, wanted, more, missing: missing.name() });
    }
    if count > wanted && !more { Err(CallError::TooMany { name, wanted }) } else { Ok(()) }
}

fn with_parameters<T>(
    function: &Function,
    values: impl IntoIterator<Item = T>,
) -> impl Iterator<Item = (usize, &Parameter, T)> {
    let pair = |(index, value)| Some((index, function.parameter(index)?, value));
    values.into_iter().enumerate().filter_map(pair)
}

fn converted(function: &Function, arguments: &[Value]) -> Result<Vec<Value>, CallError> {
    let mut values = Vec::with_capacity(arguments.len());
    for (index, parameter, argument) in with_parameters(function, arguments) {
        let value = convert(argument, &parameter.accepts().ty()).map_err(|error| {
            named(function, Failure::argument(index, refusal(argument, parameter, &error)))
        })?;
        values.push(value);
    }
    let null =
        with_parameters(function, &values).find(|(_, parameter, value)| value.is_null() && !parameter.null);
    match null {
        Some((index, ..)) => Err(named(function, Failure::argument(index, "argument must not be null"))),
        None => Ok(values),
    }
}

/// The names inside a value that is marked as a whole are not told.
fn refusal(argument: &Value, parameter: &Parameter, error: &ConvertError) -> String {
    if argument.is_marked() {
        format!("{} required", parameter.accepts().ty().friendly_constraint())
    } else {
        error.to_string()
    }
}

/// Takes away the marks that a body is not to see.
fn take_marks(function: &Function, values: &mut [Value]) -> Marks {
    let mut marks = Marks::NONE;
    for (_, parameter, value) in with_parameters(function, values) {
        match parameter.reads {
            Reads::Marks => {}
            Reads::Container => {
                marks.add(value.marks());
                *value = value.clone().with_only_marks(Marks::NONE);
            }
            Reads::Content => {
                marks.add(&value.deep_marks());
                *value = value.without_marks();
            }
        }
    }
    marks
}

/// What must be known before the body can run, when something is not.
fn waits_for(function: &Function, values: &[Value]) -> Option<Origins> {
    let is_open = |parameter: &Parameter, value: &Value| match parameter.reads {
        _ if parameter.unknown => false,
        Reads::Container | Reads::Marks => value.is_unknown() || is_open_set(value),
        Reads::Content => !value.is_wholly_known(),
    };
    let mut open = with_parameters(function, values)
        .filter(|(_, parameter, value)| is_open(parameter, value))
        .peekable();
    open.peek()?;
    Some(open.map(|(_, _, value)| value.origins()).collect())
}

fn unknown_result(returns: Returns, values: &[Value], origins: Origins) -> Value {
    match returns {
        Returns::Always(accepts) => Value::unknown(accepts.ty(), origins).not_null(),
        Returns::Depends(ty) => Value::unknown(ty(values), origins),
    }
}

fn named(function: &Function, failure: Failure) -> CallError {
    match failure {
        Failure::Argument(index, reason) => CallError::Argument {
            index,
            parameter: function.parameter(index).map_or("", Parameter::name),
            reason: reason.into_owned(),
        },
        Failure::TooLong => CallError::TooLong { name: function.name() },
        Failure::Whole(reason) => CallError::Failed { name: function.name(), reason: reason.into_owned() },
    }
}

#[cfg(test)]
mod tests;
