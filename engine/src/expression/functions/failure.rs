//! Describes why the body of a function failed.

use std::borrow::Cow;

use crate::value::{ConvertError, NumberError};

/// The reason why the body of a function failed.
///
/// A formatted reason may quote the arguments; a fixed text cannot. With a marked argument, only fixed text
/// is shown.
pub(super) enum Failure {
    Argument(usize, Cow<'static, str>),
    Whole(Cow<'static, str>),
    /// The result would exceed the size limit.
    TooLong,
}

impl Failure {
    /// Returns the error of the argument at `index`.
    pub(super) fn argument(index: usize, reason: impl Into<Cow<'static, str>>) -> Self {
        Self::Argument(index, reason.into())
    }

    /// Returns the failure without the parts of its reason that may quote an argument.
    pub(super) fn without_content(self) -> Self {
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

    /// Returns a general error.
    pub(super) fn new(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::Whole(reason.into())
    }
}

impl From<ConvertError> for Failure {
    fn from(error: ConvertError) -> Self {
        Self::new(error.to_string())
    }
}

impl From<NumberError> for Failure {
    fn from(error: NumberError) -> Self {
        Self::new(error.to_string())
    }
}
