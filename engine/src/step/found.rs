//! What there is before a change.

use serde::{Deserialize, Serialize};

use super::{Difference, Mismatch, Outcome};
use crate::redact::Redact;

/// What there is already of what a changing step would make.
#[derive(Clone, Debug)]
pub enum Found {
    /// It cannot be told.
    Unknown,
    /// Nothing.
    Absent,
    /// Something else than what is wanted, and in what; none when that is not told.
    Different(Vec<Difference>),
    /// What is wanted; this is what the step gives, without doing anything.
    AsWanted(Outcome),
    /// What an earlier run made, changed or made anew by somebody else since: in what, from what the record has to what
    /// there is. Only with [`Context::recorded`](super::Context::recorded).
    Altered(Vec<Mismatch>),
}

/// Whether there was something where a change was about to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
#[serde(rename_all = "snake_case")]
pub enum Before {
    /// Nobody knows.
    Unknown,
    /// Nothing was there.
    Absent,
    /// Something was there.
    Present,
}

impl Found {
    /// Whether there is something.
    #[must_use]
    pub fn before(&self) -> Before {
        match self {
            Self::Unknown => Before::Unknown,
            Self::Absent => Before::Absent,
            Self::Different(_) | Self::AsWanted(_) | Self::Altered(_) => Before::Present,
        }
    }
}
