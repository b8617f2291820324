//! Defines the difference in a block.

use serde::{Deserialize, Serialize};

use super::meaning::BlockKind;
use super::part::PartDifference;
use crate::redact::Redact;
use crate::step::Effect;

/// The way in which a block changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Redact)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// A part of it has another meaning.
    Changed,
    /// Only its name or its module is another one.
    Renamed,
}

impl Change {
    /// Returns the symbol on a page.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Added => "+",
            Self::Removed => "-",
            Self::Changed => "~",
            Self::Renamed => ">",
        }
    }
}

/// The difference in a block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
pub struct BlockDifference {
    /// The kind.
    pub kind: BlockKind,
    /// The address; that of the new one, if there is one.
    pub address: String,
    /// The way in which it changed.
    pub change: Change,
    /// The old address of a renamed block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<String>,
    /// The effect of a step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<Effect>,
    /// The object of a step, in words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// The parts that differ, of a changed block.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<PartDifference>,
    /// The addresses of new instances, of a changed block.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub added_instances: Vec<String>,
    /// The addresses of instances that are gone, of a changed block.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed_instances: Vec<String>,
}
