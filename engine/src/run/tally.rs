//! Counts the results of a run.

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::step::Change;
use crate::value::Value;

use super::{Cause, CriticalPath, Report, Status, StepResults, Summary, UndoIdentities};

/// The results of the nodes so far.
#[derive(Default)]
pub(super) struct Tally {
    summary: Summary,
    ends: StepResults,
    diagnostics: Diagnostics,
    outputs: BTreeMap<usize, Value>,
    /// The outputs without a value, with the reasons.
    missing: BTreeMap<usize, String>,
    /// The blocks whose instances never became known.
    blocks: usize,
}

impl Tally {
    /// Records a step that succeeded with this change.
    pub fn done(&mut self, address: &str, change: Change) {
        self.summary.done += 1;
        self.summary.changed += usize::from(change != Change::None);
        if change != Change::None {
            self.ends.changed.push((address.to_owned(), change));
        }
    }

    /// Records a step whose result is taken from an earlier run.
    pub fn recalled(&mut self) {
        self.summary.done += 1;
        self.summary.recalled += 1;
    }

    /// Records a step that failed.
    pub fn failed(&mut self, address: &str, why: String) {
        self.summary.failed += 1;
        self.blame(address, why);
    }

    /// Records a token or a value that failed.
    pub fn blame(&mut self, address: &str, why: String) {
        self.ends.failed.push((address.to_owned(), why));
    }

    /// Records a step that failed without failing the run.
    pub fn tolerated(&mut self, address: &str, why: String) {
        self.summary.tolerated += 1;
        self.ends.tolerated.push((address.to_owned(), why));
    }

    /// Records a step that does not run.
    pub fn skipped(&mut self, address: &str, cause: Cause, because: &str) {
        match cause {
            Cause::LeftOut => self.summary.left_out += 1,
            _ => self.summary.skipped += 1,
        }
        if !matches!(cause, Cause::Unneeded | Cause::LeftOut) {
            self.ends.skipped(because, address);
        }
    }

    /// Records an output of the runbook.
    pub fn output(&mut self, index: usize, value: Value) {
        self.outputs.insert(index, value);
    }

    /// Records an output of the runbook that has no value, and why.
    pub fn missing_output(&mut self, index: usize, because: String) {
        self.missing.insert(index, because);
    }

    /// Records a block that does not run, and whose instances are not known.
    pub fn block_skipped(&mut self, cause: Cause) {
        self.blocks += usize::from(cause != Cause::LeftOut);
    }

    /// Adds an error or a warning.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Adds errors and warnings.
    pub fn report_all(&mut self, diagnostics: impl IntoIterator<Item = Diagnostic>) {
        self.diagnostics.extend(diagnostics);
    }

    /// Returns true if a step, a token or a value failed.
    pub fn has_failures(&self) -> bool {
        !self.ends.failed.is_empty()
    }

    /// Returns the status of a run that ends now, which the user may have interrupted.
    pub fn status(&self, is_interrupted: bool) -> Status {
        if is_interrupted {
            Status::Interrupted
        } else if self.diagnostics.has_errors() {
            Status::Failed
        } else {
            Status::Done
        }
    }

    /// Returns the numbers of steps, after this time.
    pub fn summary(&self, milliseconds: u64) -> Summary {
        Summary { milliseconds, ..self.summary }
    }

    /// Returns the report of a run that ended with this status. An error that was found afterwards fails it.
    pub fn into_report(
        self,
        (status, summary): (Status, Summary),
        critical_path: CriticalPath,
        steps: usize,
        output: impl Fn(usize) -> String,
    ) -> Report {
        let is_failed = self.diagnostics.has_errors() && status == Status::Done;
        let status = if is_failed { Status::Failed } else { status };
        let outputs = self.outputs.into_iter().map(|(index, value)| (output(index), value)).collect();
        let missing = self.missing.into_iter().map(|(index, why)| (output(index), why)).collect();
        // Such a block counts as one step that did not run, so it is one of all steps too.
        let steps = steps + self.blocks;
        let Self { ends, diagnostics, .. } = self;
        let identities = UndoIdentities::default();
        Report { status, summary, critical_path, steps, outputs, missing, ends, identities, diagnostics }
    }
}

/// Returns the error that the record could not be written to its end.
pub(super) fn incomplete(reason: String) -> Diagnostic {
    Diagnostic::error("not-recorded", "the record of the run is incomplete")
        .detail(reason)
        .help("check the free space of the disk and the permissions of the directory")
}
