//! Defines the end of a run as an event.

use serde::{Deserialize, Serialize};

use crate::redact::Redact;

use super::{CriticalPath, Link, Status, Summary};

/// The end of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
#[serde(deny_unknown_fields)]
pub struct RunFinished {
    /// The final status.
    pub status: Status,
    /// The number of steps that succeeded.
    pub done: usize,
    /// The number of steps among `done` that changed something.
    pub changed: usize,
    /// The number of steps among `done` whose results are taken from an earlier run.
    pub recalled: usize,
    /// The number of steps that failed.
    pub failed: usize,
    /// The number of steps that failed without failing the run.
    pub tolerated: usize,
    /// The number of steps that did not run.
    pub skipped: usize,
    /// The number of steps outside the selection.
    pub left_out: usize,
    /// The duration of the run.
    pub milliseconds: u64,
    /// The links of the critical path in order; of more than 100, the longest.
    pub critical_path: Vec<Link>,
    /// The total number of links.
    pub critical_path_length: usize,
    /// The total duration of the links.
    pub critical_path_milliseconds: u64,
    /// The total time for which links were ready and waited for a place.
    pub critical_path_queued_milliseconds: u64,
}

impl RunFinished {
    /// Returns the end of a run with this result.
    #[must_use]
    pub fn of(status: Status, summary: Summary, critical_path: CriticalPath) -> Self {
        let Summary { done, changed, recalled, failed, tolerated, skipped, left_out, milliseconds } = summary;
        Self {
            status,
            done,
            changed,
            recalled,
            failed,
            tolerated,
            skipped,
            left_out,
            milliseconds,
            critical_path: critical_path.links,
            critical_path_length: critical_path.length,
            critical_path_milliseconds: critical_path.milliseconds,
            critical_path_queued_milliseconds: critical_path.queued_milliseconds,
        }
    }

    /// Returns the numbers of steps by result.
    #[must_use]
    pub fn summary(&self) -> Summary {
        Summary {
            done: self.done,
            changed: self.changed,
            recalled: self.recalled,
            failed: self.failed,
            tolerated: self.tolerated,
            skipped: self.skipped,
            left_out: self.left_out,
            milliseconds: self.milliseconds,
        }
    }
}
