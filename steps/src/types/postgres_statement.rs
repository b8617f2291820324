//! The statements of `postgres_query`.

use arcbook_engine::step::{Arg, ArgumentError, Arguments};
use arcbook_engine::value::{Data, Value};

use crate::postgres;

/// The limits of a result, unless the arguments raise them.
pub(super) const ROWS: usize = 10_000;
pub(super) const BYTES: usize = 16 << 20;

/// A statement beside that of the step, on the same connection.
#[derive(Arguments, Debug)]
pub struct FurtherStatement {
    /// Statement, with `$1`, `$2` and so on for parameters of its own.
    #[argument(sink = "statement")]
    pub statement: Arg<String>,
    /// Values of the parameters: a list.
    #[argument(sink = "parameter")]
    pub parameters: Option<Arg<Value>>,
}

impl FurtherStatement {
    /// Returns true if the statement or a parameter is sensitive.
    pub(super) fn is_sensitive(&self) -> bool {
        self.statement.is_sensitive() || self.parameters.as_ref().is_some_and(Arg::is_sensitive)
    }

    /// Returns the errors in the block of this name.
    pub(super) fn check(&self, block: &'static str) -> Vec<ArgumentError> {
        let mut errors = check_statement(block, &self.statement);
        errors.extend(check_parameters(block, self.parameters.as_ref()));
        errors
    }
}

/// Returns the errors in a statement, if it is known.
pub(super) fn check_statement(argument: &'static str, statement: &Arg<String>) -> Vec<ArgumentError> {
    let unfit = statement.value().and_then(|statement| postgres::check_statement(statement));
    unfit.into_iter().map(|unfit| ArgumentError::new(argument, unfit.message).help(unfit.help)).collect()
}

/// Returns the error of parameters that are no list.
pub(super) fn check_parameters(
    argument: &'static str,
    parameters: Option<&Arg<Value>>,
) -> Option<ArgumentError> {
    let is_list = |value: &Value| matches!(value.data(), Data::List(..) | Data::Tuple(_) | Data::Unknown(_));
    let is_fit = parameters.and_then(Arg::value).is_none_or(is_list);
    (!is_fit).then(|| ArgumentError::new(argument, "must be a list"))
}
