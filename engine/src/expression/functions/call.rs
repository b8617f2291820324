//! Calls functions.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::arguments::{Arguments, is_open_set};
use super::date::PLAN_TIME;
use super::failure::Failure;
use super::function::{Function, Reads, Returns};
use super::{Context, Parameter, find, reads_content, reads_files};
use crate::value::{ConvertError, Marks, Origins, Value, convert};

/// The reason why a call failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// No function has that name.
    #[error("there is no function named {0:?}")]
    NoFunction(String),
    /// The call has fewer arguments than parameters.
    #[error("function {name:?} expects {}{wanted} argument(s); missing value for {missing:?}", if *.more { "at least " } else { "" })]
    TooFew {
        /// The function.
        name: &'static str,
        /// The number of required arguments.
        wanted: usize,
        /// True if the function accepts more arguments.
        more: bool,
        /// The first parameter without an argument.
        missing: &'static str,
    },
    /// The call has more arguments than parameters.
    #[error("function {name:?} expects only {wanted} argument(s)")]
    TooMany {
        /// The function.
        name: &'static str,
        /// The number of parameters.
        wanted: usize,
    },
    /// An argument is invalid.
    #[error("invalid value for {parameter:?} parameter: {reason}")]
    Argument {
        /// The index of the argument, from 0.
        index: usize,
        /// The parameter.
        parameter: &'static str,
        /// The reason.
        reason: String,
    },
    /// The result would exceed the size limit.
    #[error("the result of function {name:?} would be too long")]
    TooLong {
        /// The function.
        name: &'static str,
    },
    /// The function failed.
    #[error("call to function {name:?} failed: {reason}")]
    Failed {
        /// The function.
        name: &'static str,
        /// The reason.
        reason: String,
    },
}

impl CallError {
    /// Returns the index of the invalid argument, from 0, if there is one.
    #[must_use]
    pub fn argument(&self) -> Option<usize> {
        match self {
            Self::Argument { index, .. } => Some(*index),
            Self::TooMany { wanted, .. } => Some(*wanted),
            _ => None,
        }
    }
}

/// Calls the function `name` with these arguments.
///
/// Arguments are converted to the types of the parameters. The result is unknown, with the same origins, if
/// the function needs an unknown argument; some functions tell which parts of it are known. The marks of the arguments, at any depth, apply to the result, or
/// to the elements that it takes over.
pub fn call(name: &str, arguments: &[Value], context: &Context<'_>) -> Result<Value, CallError> {
    let function = find(name).ok_or_else(|| CallError::NoFunction(name.to_owned()))?;
    check_count(function, arguments.len())?;
    let mut values = converted(function, arguments)?;
    let marks = take_marks(function, &mut values);
    let waits = waits_for(function, &values);
    let marked = arguments.iter().any(Value::has_deep_marks);
    let given = Arguments { values: &values, context, marked };
    let result = match waits.or_else(|| of_machine(function, &given)) {
        Some(origins) => match function.partial().and_then(|partial| partial(&given)) {
            Some(known) => Ok(known),
            None => unknown_result(function.returns(), &values, origins),
        },
        None => {
            (function.body())(&given).and_then(|result| match nothing_found(function, &result, context) {
                Some(origins) => unknown_result(function.returns(), &values, origins),
                None => Ok(result),
            })
        }
    };
    let result = result
        .map_err(|failure| named(function, if marked { failure.without_content() } else { failure }))?;
    Ok(result.with_marks(&marks))
}

/// Returns the origin of a result that a review cannot know: only the machine of the run has that path or that file, and only
/// the plan of the run that time. A file that is missing now may be there then.
fn of_machine(function: &Function, given: &Arguments<'_>) -> Option<Origins> {
    let Context { clock, files, .. } = given.context;
    if !clock.is_review() {
        return None;
    }
    let is_missing = |path: PathBuf| {
        let kind = files.file_system().kind(&path);
        kind.is_err_and(|error| error.kind() == ErrorKind::NotFound)
    };
    let name = function.name();
    let is_of_machine = match name {
        PLAN_TIME => true,
        "abspath" => !Path::new(given.text(0)).is_absolute(),
        "pathexpand" => given.text(0).starts_with('~'),
        _ => reads_files(name) && files.locate_inside(given.text(0)).is_none_or(is_missing),
    };
    if is_of_machine && reads_content(name) {
        files.note_unread(given.text(0), given.marked);
    }
    is_of_machine.then(|| Origins::of(format!("{name}()")))
}

/// Returns the origin of a set of files in which a review found none: there may be some when the runbook runs.
fn nothing_found(function: &Function, result: &Value, context: &Context<'_>) -> Option<Origins> {
    let is_nothing = function.name() == "fileset" && result.children().next().is_none();
    (is_nothing && context.clock.is_review()).then(|| Origins::of("fileset()"))
}

/// Returns true if the result of the function with that name depends on the machine or the moment of the run.
#[must_use]
pub fn depends_on_machine(name: &str) -> bool {
    matches!(name, PLAN_TIME | "abspath" | "pathexpand") || reads_files(name)
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

/// Describes a failed conversion; the names inside a marked value are hidden.
fn refusal(argument: &Value, parameter: &Parameter, error: &ConvertError) -> String {
    if argument.is_marked() {
        format!("{} required", parameter.accepts().ty().friendly_constraint())
    } else {
        error.to_string()
    }
}

/// Removes and returns the marks that the body does not handle.
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

/// Returns the origins of the unknown arguments that the body needs, if any.
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

fn unknown_result(returns: Returns, values: &[Value], origins: Origins) -> Result<Value, Failure> {
    match returns {
        Returns::Always(accepts) => Ok(Value::unknown(accepts.ty(), origins).not_null()),
        Returns::Depends(ty) => Ok(Value::unknown(ty(values)?, origins)),
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
