//! Defines the result of an audit.

use serde::{Deserialize, Serialize};

use super::level::Level;
use super::{Finding, Release};
use crate::policy::PolicyFile;

/// The result of an audit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditReport {
    /// The format number: 2.
    pub format: u32,
    /// The name of the runbook.
    pub runbook: String,
    /// The findings, by file and line; those that a comment allows and those of the baseline are among them.
    pub findings: Vec<Finding>,
    /// The uses of `nonsensitive()`, which let a value that was secret be shown and sent.
    pub released: Vec<Release>,
    /// The policies that were asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<PolicyFile>,
    /// The number of findings of the baseline that are no longer there.
    pub gone: usize,
}

impl AuditReport {
    /// Returns the findings that count: no comment allows them, and the baseline does not have them.
    pub fn counted(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.counts())
    }

    /// Returns true if a finding that counts has at least this weight.
    #[must_use]
    pub fn fails_on(&self, level: Level) -> bool {
        self.counted().any(|finding| finding.level >= level)
    }
}
