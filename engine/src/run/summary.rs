//! How a run went.

use serde::Serialize;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Everything was done.
    Done,
    /// Something failed.
    Failed,
    /// The user stopped it.
    Interrupted,
}

/// A run in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Steps that are done.
    pub done: usize,
    /// Of these, the ones that changed something.
    pub changed: usize,
    /// Steps that a run before this one did, which are not done again; they are among those that are done.
    pub recalled: usize,
    /// Steps and tokens that failed.
    pub failed: usize,
    /// Steps that were not run.
    pub skipped: usize,
    /// How long it took.
    pub milliseconds: u64,
}
