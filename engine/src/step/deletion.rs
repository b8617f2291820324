//! Says whether a step deletes.

use serde::{Deserialize, Serialize};

use crate::redact::Redact;

/// The answer to whether a step deletes an object by an action that does not say so, such as a program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Redact)]
#[serde(rename_all = "snake_case")]
pub enum Deletion {
    /// Its actions say it all.
    #[default]
    ByActions,
    /// It may: an argument that is not known yet decides.
    Maybe,
    /// It does.
    Certain,
}

impl Deletion {
    /// Returns true if the actions say it all.
    #[must_use]
    pub fn is_by_actions(&self) -> bool {
        *self == Self::ByActions
    }
}
