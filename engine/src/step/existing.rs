//! Describes the state of an object before a change.

use serde::{Deserialize, Serialize};

use super::{Difference, Mismatch, Outcome};
use crate::redact::Redact;

/// The existing state of the object that a step would change.
#[derive(Clone, Debug)]
pub enum Existing<T = Outcome> {
    /// The state cannot be queried.
    Unknown,
    /// The object does not exist.
    Absent,
    /// The object differs from the configuration; without details, the list is empty.
    Different(Vec<Difference>),
    /// The object is as configured; this is the result of the step, without any change.
    AsWanted(T),
    /// Somebody else has changed or replaced the object that an earlier run made: the mismatches between the
    /// record and the existing state. Only with [`Context::recorded`](super::Context::recorded).
    Altered(Vec<Mismatch>),
}

/// The existence of an object before a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
#[serde(rename_all = "snake_case")]
pub enum PriorState {
    /// The state is unknown.
    Unknown,
    /// The object did not exist.
    Absent,
    /// The object existed.
    Present,
}

impl<T> Existing<T> {
    /// Converts the result of a step.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Existing<U> {
        match self {
            Self::Unknown => Existing::Unknown,
            Self::Absent => Existing::Absent,
            Self::Different(differences) => Existing::Different(differences),
            Self::AsWanted(result) => Existing::AsWanted(make(result)),
            Self::Altered(mismatches) => Existing::Altered(mismatches),
        }
    }

    /// Returns whether the object exists, as a [`PriorState`].
    #[must_use]
    pub fn before(&self) -> PriorState {
        match self {
            Self::Unknown => PriorState::Unknown,
            Self::Absent => PriorState::Absent,
            Self::Different(_) | Self::AsWanted(_) | Self::Altered(_) => PriorState::Present,
        }
    }
}
