//! What there is before a change.

use serde::{Deserialize, Serialize};

use super::{Difference, Mismatch, Outcome};
use crate::redact::Redact;

/// What there is already of what a changing step would make.
#[derive(Clone, Debug)]
pub enum Existing<T = Outcome> {
    /// It cannot be told.
    Unknown,
    /// Nothing.
    Absent,
    /// Something else than what is wanted, and in what; none when that is not told.
    Different(Vec<Difference>),
    /// What is wanted; this is what the step gives, without doing anything.
    AsWanted(T),
    /// What an earlier run made, changed or made anew by somebody else since: in what, from what the record has to what
    /// there is. Only with [`Context::recorded`](super::Context::recorded).
    Altered(Vec<Mismatch>),
}

/// Whether there was something where a change was about to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
#[serde(rename_all = "snake_case")]
pub enum PriorState {
    /// Nobody knows.
    Unknown,
    /// Nothing was there.
    Absent,
    /// Something was there.
    Present,
}

impl<T> Existing<T> {
    /// The same, with the result of the step made by `make`.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Existing<U> {
        match self {
            Self::Unknown => Existing::Unknown,
            Self::Absent => Existing::Absent,
            Self::Different(differences) => Existing::Different(differences),
            Self::AsWanted(result) => Existing::AsWanted(make(result)),
            Self::Altered(mismatches) => Existing::Altered(mismatches),
        }
    }

    /// Whether there is something.
    #[must_use]
    pub fn before(&self) -> PriorState {
        match self {
            Self::Unknown => PriorState::Unknown,
            Self::Absent => PriorState::Absent,
            Self::Different(_) | Self::AsWanted(_) | Self::Altered(_) => PriorState::Present,
        }
    }
}
