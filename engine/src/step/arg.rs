//! Defines the value of one argument, which may be unknown.

use std::fmt;

use crate::value::Origins;

use super::{StepError, Text};

/// An argument that may be unknown; `Debug` hides sensitive values.
#[derive(Clone, PartialEq, Eq)]
pub enum Arg<T> {
    /// A known value.
    Known {
        /// The value.
        value: T,
        /// True if the value, or anything it was derived from, is sensitive or ephemeral.
        sensitive: bool,
    },
    /// A value known only after these origins.
    Unknown(Origins),
    /// A text of which only some parts are known, as requests contain it.
    Partial(Text),
}

impl<T> Arg<T> {
    /// Returns a known value that is not sensitive.
    pub fn known(value: T) -> Self {
        Self::Known { value, sensitive: false }
    }

    /// Returns the value, if known.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Known { value, .. } => Some(value),
            Self::Unknown(_) | Self::Partial(_) => None,
        }
    }

    /// Returns the value in a run, where every argument is known.
    ///
    /// # Errors
    ///
    /// An unknown value is an internal error, since only a fault of the engine causes it.
    pub fn get(&self) -> Result<&T, StepError> {
        match self {
            Self::Known { value, .. } => Ok(value),
            Self::Unknown(origins) => Err(unknown(origins)),
            Self::Partial(text) => Err(unknown(&text.origins())),
        }
    }

    /// Returns true if a known part of the value is sensitive.
    pub fn is_sensitive(&self) -> bool {
        match self {
            Self::Known { sensitive, .. } => *sensitive,
            Self::Unknown(_) => false,
            Self::Partial(text) => text.is_sensitive(),
        }
    }

    /// Returns the same argument with its value converted.
    pub fn map<U>(&self, change: impl FnOnce(&T) -> U) -> Arg<U> {
        match self {
            Self::Known { value, sensitive } => Arg::Known { value: change(value), sensitive: *sensitive },
            Self::Unknown(origins) => Arg::Unknown(origins.clone()),
            Self::Partial(text) => Arg::Unknown(text.origins()),
        }
    }
}

fn unknown(origins: &Origins) -> StepError {
    StepError::internal(format!("an argument is only {origins}"))
}

impl<T: fmt::Debug> fmt::Debug for Arg<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known { sensitive: true, .. } => f.write_str("(sensitive)"),
            Self::Known { value, .. } => value.fmt(f),
            Self::Unknown(origins) => write!(f, "({origins})"),
            Self::Partial(text) => text.fmt(f),
        }
    }
}
