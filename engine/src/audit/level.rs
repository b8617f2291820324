//! Orders findings by their weight.

use serde::{Deserialize, Serialize};

/// The weight of a finding, in the words of SARIF; the heaviest is the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// A remark: the runbook could be more robust.
    Note,
    /// A weakness that needs a reason.
    Warning,
    /// A hole.
    Error,
}

impl Level {
    /// Returns the word: `note`, `warning` or `error`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}
