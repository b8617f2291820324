//! Summarizes a run.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::diagnostic::Diagnostics;
use crate::redact::Redact;
use crate::step::Change;
use crate::value::Value;

use super::{CriticalPath, UndoIdentities};

/// The final status of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The run succeeded.
    Done,
    /// A step failed.
    Failed,
    /// The user stopped the run.
    Interrupted,
}

impl Status {
    /// Returns the JSON name of the status: `done`, `failed` or `interrupted`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
        }
    }
}

/// The numbers of steps by result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// The steps that succeeded.
    pub done: usize,
    /// The steps among `done` that changed something.
    pub changed: usize,
    /// The steps among `done` whose results are taken from an earlier run.
    pub recalled: usize,
    /// The steps that failed.
    pub failed: usize,
    /// The steps that failed without failing the run.
    pub tolerated: usize,
    /// The steps that did not run.
    pub skipped: usize,
    /// The steps outside the selection.
    pub left_out: usize,
    /// The duration of the run.
    pub milliseconds: u64,
}

/// The result of a run.
#[derive(Debug)]
pub struct Report {
    /// The final status.
    pub status: Status,
    /// The numbers of steps by result.
    pub summary: Summary,
    /// The steps that determined the duration of the run.
    pub critical_path: CriticalPath,
    /// The final number of steps; a block whose instances never became known counts as one.
    pub steps: usize,
    /// The outputs, in the order of the runbook.
    pub outputs: Vec<(String, Value)>,
    /// The outputs without a value, with the reasons, in the order of the runbook.
    pub missing: Vec<(String, String)>,
    /// The results of the steps.
    pub ends: StepResults,
    /// The identities that the run evaluated, for its undo.
    pub identities: UndoIdentities,
    /// The errors and warnings.
    pub diagnostics: Diagnostics,
}

/// The results of the steps, each list in the order of events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepResults {
    /// The steps that changed something, with their changes.
    pub changed: Vec<(String, Change)>,
    /// The steps, tokens and values that failed, with their errors.
    pub failed: Vec<(String, String)>,
    /// The steps that failed without failing the run, with their errors.
    pub tolerated: Vec<(String, String)>,
    /// The steps that did not run, by reason, except those that had nothing to clean up.
    pub skipped: IndexMap<String, Vec<String>>,
}

impl StepResults {
    pub(super) fn skipped(&mut self, because: &str, step: &str) {
        self.skipped.entry(because.to_owned()).or_default().push(step.to_owned());
    }
}
