//! Defines the difference in a part of a block.

use serde::{Deserialize, Serialize};

use crate::redact::Redact;

/// The difference in a part of a block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
pub struct PartDifference {
    /// The name: an argument, or a setting such as `when` and `retry.attempts`.
    pub name: String,
    /// The old expression in its canonical form; none if the part is new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old: Option<String>,
    /// The new expression in its canonical form; none if the part is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new: Option<String>,
    /// True if the expression is the same, and its value is another one because of something else that changed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_consequence: bool,
}
