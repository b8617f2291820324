//! Reads and writes the findings that are known.

use std::collections::{BTreeSet, HashSet};

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{AuditReport, Finding};
use crate::diagnostic::Diagnostic;

/// The format number of the file.
const FORMAT: u32 = 2;

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
    /// The digest of the block: a finding in a block that was changed is a new one.
    content: String,
}

impl Baseline {
    /// Reads a file; `path` is for the message.
    pub fn read(text: &str, path: &str) -> Result<Self, Box<Diagnostic>> {
        let wrong = |why: String| {
            let wrong =
                Diagnostic::error("invalid-baseline", format!("{path} is not a baseline")).detail(why);
            Box::new(wrong.help("write it anew with `-write-baseline`"))
        };
        // Another format has other members, so its number comes first.
        let any: Json = serde_json::from_str(text).map_err(|error| wrong(format!("{error}.")))?;
        match any.get("format").and_then(Json::as_u64) {
            Some(format) if format != u64::from(FORMAT) => {
                return Err(wrong(format!("Its format is {format}, not {FORMAT}.")));
            }
            _ => {}
        }
        serde_json::from_value(any).map_err(|error| wrong(format!("{error}.")))
    }

    /// Returns true if a text is that of a baseline, of this format or another one.
    #[must_use]
    pub fn is_one(text: &str) -> bool {
        let any = serde_json::from_str::<Json>(text).unwrap_or_default();
        any.get("format").is_some_and(Json::is_u64) && any.get("findings").is_some_and(Json::is_array)
    }

    /// Returns the number of findings.
    #[must_use]
    pub fn count(&self) -> usize {
        self.findings.len()
    }

    /// Returns the baseline of a report: the findings that no comment allows.
    #[must_use]
    pub fn of(report: &AuditReport) -> Self {
        let known = |finding: &Finding| KnownFinding {
            rule: finding.rule.clone(),
            address: finding.address.clone(),
            fingerprint: finding.fingerprint.clone(),
            content: finding.content.clone(),
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

    /// Returns the fingerprints of the findings with those of their blocks.
    pub(super) fn known(&self) -> HashSet<(&str, &str)> {
        self.findings.iter().map(|known| (known.fingerprint.as_str(), known.content.as_str())).collect()
    }

    /// Returns the number of findings that are no longer there.
    pub(super) fn gone(&self, findings: &[Finding]) -> usize {
        let key = |finding: &Finding| (finding.fingerprint.clone(), finding.content.clone());
        let found: HashSet<(String, String)> = findings.iter().map(key).collect();
        let is_gone =
            |known: &&KnownFinding| !found.contains(&(known.fingerprint.clone(), known.content.clone()));
        self.findings.iter().filter(is_gone).count()
    }
}
