//! Reads and writes the findings that are known.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{AuditReport, Finding};
use crate::diagnostic::Diagnostic;

/// The format number of the file.
const FORMAT: u32 = 1;

/// The findings that a runbook had when its baseline was written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    format: u32,
    findings: Vec<KnownFinding>,
}

/// A finding of a baseline.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KnownFinding {
    rule: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    fingerprint: String,
}

impl Baseline {
    /// Reads a file; `path` is for the message.
    pub fn read(text: &str, path: &str) -> Result<Self, Box<Diagnostic>> {
        let wrong = |why: String| {
            let wrong =
                Diagnostic::error("invalid-baseline", format!("{path} is not a baseline")).detail(why);
            Box::new(wrong.help("write it anew with `-write-baseline`"))
        };
        let read: Self = serde_json::from_str(text).map_err(|error| wrong(format!("{error}.")))?;
        if read.format == FORMAT {
            Ok(read)
        } else {
            Err(wrong(format!("Its format is {}, not 1.", read.format)))
        }
    }

    /// Returns the baseline of a report: the findings that no comment allows.
    #[must_use]
    pub fn of(report: &AuditReport) -> Self {
        let known = |finding: &Finding| KnownFinding {
            rule: finding.rule.clone(),
            address: finding.address.clone(),
            fingerprint: finding.fingerprint.clone(),
        };
        let findings = report.findings.iter().filter(|finding| finding.allowed.is_none()).map(known);
        let findings: BTreeSet<KnownFinding> = findings.collect();
        Self { format: FORMAT, findings: findings.into_iter().collect() }
    }

    /// Returns the text of the file.
    #[must_use]
    pub fn text(&self) -> String {
        // Serialization cannot fail: a baseline holds strings and a number.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// Returns true if the baseline has the finding.
    pub(super) fn has(&self, fingerprint: &str) -> bool {
        self.findings.iter().any(|known| known.fingerprint == fingerprint)
    }

    /// Returns the number of findings that are no longer there.
    pub(super) fn gone(&self, findings: &[Finding]) -> usize {
        let found: BTreeSet<&str> = findings.iter().map(|finding| finding.fingerprint.as_str()).collect();
        self.findings.iter().filter(|known| !found.contains(known.fingerprint.as_str())).count()
    }
}
