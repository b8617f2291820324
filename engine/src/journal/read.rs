//! Reads a journal and verifies its chain.

use std::path::Path;

use serde_json::Value as Json;

use super::{Digest, GENESIS, JournalError, compressed};

/// A journal that was read.
#[derive(Clone, Debug)]
pub struct Journal {
    /// The records up to the first one that breaks the chain.
    pub records: Vec<Json>,
    /// The result of the verification.
    pub verdict: Verdict,
    /// The digest of the last good line.
    pub head: Digest,
}

/// The result of verifying a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The chain is intact, and the last line ends the run.
    Complete,
    /// The chain is intact, and the run has not ended: it is still running, or was killed.
    Unfinished,
    /// The last line is truncated, as after a crash; the chain before it is intact.
    Torn,
    /// A line was changed after it was written.
    Broken {
        /// The line, counted from 1.
        line: usize,
        /// The reason.
        reason: String,
    },
}

impl Journal {
    /// Reads the journal at `path`, which may be compressed by gzip.
    pub fn read(path: &Path) -> Result<Self, JournalError> {
        let bytes =
            compressed::read(path).map_err(|source| JournalError::Read { path: path.to_owned(), source })?;
        Ok(Self::parse(&bytes))
    }

    /// Reads the first line of the journal at `path`, which contains the start of the run.
    pub fn read_beginning(path: &Path) -> Result<Self, JournalError> {
        let line = compressed::read_first_line(path)
            .map_err(|source| JournalError::Read { path: path.to_owned(), source })?;
        Ok(Self::parse(&line))
    }

    /// Parses a journal.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Self {
        let mut journal = Self { records: Vec::new(), verdict: Verdict::Unfinished, head: GENESIS };
        let mut rest = bytes;
        while !rest.is_empty() {
            let Some(end) = rest.iter().position(|&byte| byte == b'\n') else {
                journal.verdict = Verdict::Torn;
                return journal;
            };
            if let Err(reason) = journal.line(&rest[..end]) {
                journal.verdict = Verdict::Broken { line: journal.records.len() + 1, reason };
                return journal;
            }
            rest = &rest[end + 1..];
        }
        if let Some(end) = journal.records.last().filter(|record| record["event"] == "run_finished") {
            journal.verdict = match journal.disagreement(end) {
                None => Verdict::Complete,
                Some(reason) => Verdict::Broken { line: journal.records.len(), reason },
            };
        }
        journal
    }

    fn line(&mut self, line: &[u8]) -> Result<(), String> {
        let record: Json = serde_json::from_slice(line).map_err(|_| "it is not JSON".to_owned())?;
        if record["prev"].as_str() != Some(&self.head.to_string()) {
            return Err("it does not follow from the previous line".to_owned());
        }
        if record["seq"].as_u64() != u64::try_from(self.records.len() + 1).ok() {
            return Err("its sequence number is out of order".to_owned());
        }
        if self.records.last().is_some_and(|last| last["event"] == "run_finished") {
            return Err("it comes after the end of the run".to_owned());
        }
        self.head = Digest::of(line);
        self.records.push(record);
        Ok(())
    }

    /// Returns a contradiction between the last record and the others; no later line protects the last one.
    fn disagreement(&self, end: &Json) -> Option<String> {
        let count = |event: &'static str| self.records.iter().filter(move |record| record["event"] == event);
        let changed = count("step_finished").filter(|record| record["change"] != "none").count();
        let tolerated = count("step_failed").filter(|record| record["tolerated"] == true).count();
        let left_out = count("step_skipped").filter(|record| record["cause"] == "left_out").count();
        let failed = count("step_failed").count() - tolerated + count("token_failed").count();
        let counts = [
            ("done", count("step_finished").count() + count("step_recalled").count()),
            ("changed", changed),
            ("recalled", count("step_recalled").count()),
            ("failed", failed),
            ("tolerated", tolerated),
            ("skipped", count("step_skipped").count() - left_out),
            ("left_out", left_out),
        ];
        let said = |name: &str| end[name].as_u64().unwrap_or(0);
        let wrong = counts.into_iter().find(|(name, counted)| u64::try_from(*counted) != Ok(said(name)));
        if let Some((name, counted)) = wrong {
            return Some(format!("it says {} {name}, the other records say {counted}", end[name]));
        }
        let fine = failed + count("value_failed").count() + count("deadline_passed").count() == 0;
        let stopped = count("interrupted").next().is_some();
        let right = match end["status"].as_str() {
            Some("done") => fine && !stopped,
            Some("interrupted") => stopped,
            _ => !fine && !stopped,
        };
        (!right).then(|| format!("its status is {}, which the other records do not bear out", end["status"]))
    }

    /// Returns the first record of that event.
    #[must_use]
    pub fn event(&self, name: &str) -> Option<&Json> {
        self.records.iter().find(|record| record["event"] == name)
    }
}
