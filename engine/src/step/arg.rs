//! One argument of a step, known or not yet.

use std::fmt;

use crate::value::Origins;

use super::StepError;

/// An argument that is known or not yet known; `Debug` shows no sensitive one.
#[derive(Clone, PartialEq, Eq)]
pub enum Arg<T> {
    /// Known.
    Known {
        /// The value.
        value: T,
        /// Whether it, or anything it was made from, is sensitive or ephemeral.
        sensitive: bool,
    },
    /// Known only after these.
    Unknown(Origins),
}

impl<T> Arg<T> {
    /// A known argument that is not sensitive.
    pub fn known(value: T) -> Self {
        Self::Known { value, sensitive: false }
    }

    /// The value, when known.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Known { value, .. } => Some(value),
            Self::Unknown(_) => None,
        }
    }

    /// The value, in a run, where every argument is known.
    ///
    /// An unknown one is a mistake of the engine and becomes an internal error.
    pub fn get(&self) -> Result<&T, StepError> {
        match self {
            Self::Known { value, .. } => Ok(value),
            Self::Unknown(origins) => Err(StepError::internal(format!("an argument is only {origins}"))),
        }
    }

    /// Whether a known value is sensitive.
    pub fn is_sensitive(&self) -> bool {
        matches!(self, Self::Known { sensitive: true, .. })
    }

    /// The same argument, its value changed.
    pub fn map<U>(&self, change: impl FnOnce(&T) -> U) -> Arg<U> {
        match self {
            Self::Known { value, sensitive } => Arg::Known { value: change(value), sensitive: *sensitive },
            Self::Unknown(origins) => Arg::Unknown(origins.clone()),
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Arg<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known { sensitive: true, .. } => f.write_str("(sensitive)"),
            Self::Known { value, .. } => value.fmt(f),
            Self::Unknown(origins) => write!(f, "({origins})"),
        }
    }
}
