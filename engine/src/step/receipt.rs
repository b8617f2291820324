//! Defines the facts about a change from which it can be undone.

use std::path::PathBuf;

use super::{Change, PriorState};
use crate::redact::REPLACEMENT;
use crate::value::{Entries, Value};

/// The facts about a change that a record holds.
///
/// Values that the record lacks, such as secrets, are missing.
#[derive(Clone)]
pub struct Receipt {
    /// The objects of the changing actions: URLs without their queries, or paths.
    pub target: Vec<String>,
    /// The change; none if it is not known whether it was made.
    pub change: Option<Change>,
    /// The arguments that the record holds.
    pub arguments: Entries,
    /// The outputs of the step.
    pub outputs: Entries,
    /// The existence of the object before the change.
    pub before: PriorState,
    /// The content of the object before the change.
    pub prior: Option<Value>,
    /// The file that keeps the prior content.
    pub kept: Option<PathBuf>,
    /// The proof of the change, as [`Outcome::receipt`](super::Outcome::receipt) returned it; of a change that may not
    /// have been made, the proof that it was going to leave.
    pub proof: Option<Value>,
    /// True if the service had accepted the change, and worked on it when the run was killed.
    pub is_accepted: bool,
}

impl Receipt {
    /// Returns the only target, if there is one and no part of it is redacted.
    #[must_use]
    pub fn only_target(&self) -> Option<&str> {
        let [target] = self.target.as_slice() else { return None };
        (!target.contains(REPLACEMENT)).then_some(target)
    }

    /// Returns the text of an output.
    #[must_use]
    pub fn output(&self, name: &str) -> Option<&str> {
        self.outputs.get(name)?.as_str()
    }

    /// Returns the text of an argument.
    #[must_use]
    pub fn argument(&self, name: &str) -> Option<&str> {
        self.arguments.get(name)?.as_str()
    }

    /// Returns the same facts without the certainty that the change was made.
    #[must_use]
    pub fn unconfirmed(&self) -> Self {
        Self { change: None, ..self.clone() }
    }
}
