//! Defines the parts of events that describe requests and other runs.

use serde::{Deserialize, Serialize};

use crate::redact::Redact;

/// Another run, and the digest of its journal at that time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
#[serde(deny_unknown_fields)]
pub struct Lineage {
    /// The name of the run.
    #[redact(word)]
    pub run: String,
    /// The SHA-256 of the last complete line of its journal, in hexadecimal.
    #[redact(word)]
    pub sha256: String,
}

/// The kind of reason why a step does not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// A dependency failed.
    Failure,
    /// The user stopped the run, or its time limit has passed.
    Stopped,
    /// The `when` of the step, or of a module around it, is false.
    When,
    /// The step cleans up after failures, and there was none.
    Unneeded,
    /// The step is outside the selection.
    LeftOut,
    /// The step needs values that only a run provides.
    Unknown,
}
