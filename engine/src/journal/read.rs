//! Reading a journal and checking its chain.

use std::fs;
use std::path::Path;

use serde_json::Value as Json;

use super::{Digest, GENESIS, JournalError};

/// A journal as it was read.
#[derive(Clone, Debug)]
pub struct Journal {
    /// The records up to the first that is not in its place.
    pub records: Vec<Json>,
    /// Whether it is whole.
    pub verdict: Verdict,
    /// The digest of the last good line.
    pub head: Digest,
}

/// Whether a journal is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every line is in its place, and the last one ends the run.
    Complete,
    /// Every line is in its place, and the run did not end: it is still going on, or it was killed.
    Unfinished,
    /// The last line is cut off, as a crash leaves it; every line before it is in its place.
    Torn,
    /// A line is not what it was when it was written.
    Broken {
        /// The line, counted from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
}

impl Journal {
    /// Reads the journal at `path`.
    pub fn read(path: &Path) -> Result<Self, JournalError> {
        let bytes = fs::read(path).map_err(|source| JournalError::Read { path: path.to_owned(), source })?;
        Ok(Self::parse(&bytes))
    }

    /// Reads a journal.
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
        if journal.records.last().is_some_and(|record| record["event"] == "run_finished") {
            journal.verdict = Verdict::Complete;
        }
        journal
    }

    fn line(&mut self, line: &[u8]) -> Result<(), String> {
        let record: Json = serde_json::from_slice(line).map_err(|_| "it is not JSON".to_owned())?;
        if record["prev"].as_str() != Some(&self.head.to_string()) {
            return Err("it does not follow from the line before it".to_owned());
        }
        if record["seq"].as_u64() != u64::try_from(self.records.len() + 1).ok() {
            return Err("its number is out of order".to_owned());
        }
        if self.records.last().is_some_and(|last| last["event"] == "run_finished") {
            return Err("it comes after the end of the run".to_owned());
        }
        self.head = Digest::of(line);
        self.records.push(record);
        Ok(())
    }

    /// The first record of that event.
    #[must_use]
    pub fn event(&self, name: &str) -> Option<&Json> {
        self.records.iter().find(|record| record["event"] == name)
    }
}
