//! Defines findings, as reports hold them.

use serde::{Deserialize, Serialize};

use super::level::Level;
use crate::diagnostic::json::JsonRange;

/// A finding of an audit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The id of the rule.
    pub rule: String,
    /// The weight.
    pub level: Level,
    /// The problem, in one line.
    pub message: String,
    /// The address of the step or other object, if it is in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The addresses of other instances with the same problem.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<String>,
    /// The place.
    pub range: JsonRange,
    /// A digest of the rule and of the object, which stays the same if lines move.
    pub fingerprint: String,
    /// A digest of the block around as it is written, without its layout, its comments and its secrets.
    pub content: String,
    /// The comment that allows it, if one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed: Option<Allowed>,
    /// True if the baseline has it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub in_baseline: bool,
    /// The remedy, as a phrase.
    pub remedy: String,
    /// The incident or the control that the rule stands for.
    pub prevents: String,
    /// The URL of the section about the rule.
    pub page: String,
}

/// The comment that allows a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allowed {
    /// The reason.
    pub reason: String,
    /// The last day on which it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// A use of `nonsensitive()`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// The place.
    pub range: JsonRange,
    /// The comment that says why; none without one.
    pub reason: Option<String>,
}

impl Finding {
    /// Returns true if the finding counts: no comment allows it, and the baseline does not have it.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.allowed.is_none() && !self.in_baseline
    }
}
