//! How a run went.

use indexmap::IndexMap;
use serde::Serialize;

use crate::diagnostic::Diagnostics;
use crate::redact::Redact;
use crate::step::Change;
use crate::value::Value;

use super::CriticalPath;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Redact)]
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Redact)]
pub struct Summary {
    /// Steps that are done.
    pub done: usize,
    /// Of these, the ones that changed something.
    pub changed: usize,
    /// Steps that a run before this one did, which are not done again; they are among those that are done.
    pub recalled: usize,
    /// Steps and tokens that failed.
    pub failed: usize,
    /// Steps that failed without failing the run.
    pub tolerated: usize,
    /// Steps that were not run.
    pub skipped: usize,
    /// Steps that were no part of what was to be run.
    pub left_out: usize,
    /// How long it took.
    pub milliseconds: u64,
}

/// What a run gave.
#[derive(Debug)]
pub struct Report {
    /// How it ended.
    pub status: Status,
    /// The numbers.
    pub summary: Summary,
    /// What determined how long it took.
    pub critical_path: CriticalPath,
    /// How many steps there turned out to be.
    pub steps: usize,
    /// The outputs that came out, in the order of the runbook.
    pub outputs: Vec<(String, Value)>,
    /// What became of the steps.
    pub ends: StepResults,
    /// Why steps failed.
    pub diagnostics: Diagnostics,
}

/// What became of steps, each list in the order in which it happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepResults {
    /// The steps that changed something, and what they did.
    pub changed: Vec<(String, Change)>,
    /// The steps that failed, and why.
    pub failed: Vec<(String, String)>,
    /// The steps that failed without failing the run, and why.
    pub tolerated: Vec<(String, String)>,
    /// Reasons, and the steps that were not run for each; steps that had nothing to clean up are not among them.
    pub skipped: IndexMap<String, Vec<String>>,
}

impl StepResults {
    pub(super) fn skipped(&mut self, because: &str, step: &str) {
        self.skipped.entry(because.to_owned()).or_default().push(step.to_owned());
    }
}
