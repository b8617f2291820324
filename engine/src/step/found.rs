//! What there is before a change.

use serde::{Deserialize, Serialize};

use super::{Difference, Outcome};
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
            Self::Different(_) | Self::AsWanted(_) => Before::Present,
        }
    }
}
