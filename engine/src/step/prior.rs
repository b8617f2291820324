//! Describes the state of an object before a change.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::redact::Redact;
use crate::value::Value;

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

/// The content of an object before a change, from which an undo can put it back.
#[derive(Clone, Debug, PartialEq)]
pub struct Prior {
    /// The attributes that the change replaces, as the service returned them.
    pub state: Value,
    /// The file to which the step copies the prior content before it makes the change.
    pub kept: Option<PathBuf>,
}

impl Prior {
    /// Returns a prior state that is wholly in the record.
    #[must_use]
    pub fn of(state: Value) -> Self {
        Self { state, kept: None }
    }

    /// Sets the file that keeps the prior content.
    #[must_use]
    pub fn kept_at(mut self, path: PathBuf) -> Self {
        self.kept = Some(path);
        self
    }
}
