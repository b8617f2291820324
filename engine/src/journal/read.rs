//! Reads a journal and verifies its chain.

use std::path::Path;

use serde_json::error::Category;

use super::{Digest, GENESIS, JournalError, Line, RunRecord, compressed};
use crate::run::{Event, Record, RunFinished, RunStarted, Status};

/// A journal that was read.
#[derive(Clone, Debug)]
pub struct Journal {
    /// The lines up to the first one that breaks the chain.
    pub lines: Vec<Line<'static>>,
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
    /// A line is no event that this version of arcbook knows: another version wrote it, or it was changed.
    Unreadable {
        /// The line, counted from 1.
        line: usize,
        /// The unknown event, the unknown or missing member, or another reason.
        reason: String,
    },
}

impl Verdict {
    /// Returns the reason why the journal cannot be relied on, with the line; none if it is intact so far.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        match self {
            Self::Broken { line, reason } => Some(format!("line {line}: {reason}")),
            Self::Unreadable { line, reason } => Some(format!("line {line} cannot be read: {reason}")),
            Self::Complete | Self::Unfinished | Self::Torn => None,
        }
    }
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
        let mut journal = Self { lines: Vec::new(), verdict: Verdict::Unfinished, head: GENESIS };
        let mut rest = bytes;
        while !rest.is_empty() {
            let Some(end) = rest.iter().position(|&byte| byte == b'\n') else {
                journal.verdict = journal.tail(rest);
                return journal;
            };
            if let Err(verdict) = journal.line(&rest[..end]) {
                journal.verdict = journal.blame(verdict);
                return journal;
            }
            rest = &rest[end + 1..];
        }
        if let Some(end) = journal.finished() {
            journal.verdict = match journal.disagreement(end) {
                None => Verdict::Complete,
                Some(reason) => Verdict::Broken { line: journal.lines.len(), reason },
            };
        }
        journal
    }

    /// Returns the verdict about the bytes behind the last line feed: a crash leaves the beginning of the next line, or
    /// zeros where the file system had reserved space for it.
    fn tail(&self, bytes: &[u8]) -> Verdict {
        let number = self.lines.len() + 1;
        let broken = |reason: &str| Verdict::Broken { line: number, reason: reason.to_owned() };
        let start = format!("{{\"prev\":\"{}\"", self.head);
        let length = start.len().min(bytes.len());
        let is_next = bytes[..length] == start.as_bytes()[..length] || bytes.iter().all(|&byte| byte == 0);
        match self.finished() {
            Some(_) => broken("it comes after the end of the run"),
            // Whoever checks the record says what is wrong with its beginning.
            None if is_next || self.lines.is_empty() => Verdict::Torn,
            None => broken("it does not follow from the previous line"),
        }
    }

    /// Returns the verdict about a line: if this version of arcbook wrote the record, it can read each line that
    /// nobody altered.
    fn blame(&self, verdict: Verdict) -> Verdict {
        let is_ours =
            self.started().is_some_and(|started| started.versions.arcbook == env!("CARGO_PKG_VERSION"));
        match verdict {
            Verdict::Unreadable { line, reason } if is_ours => Verdict::Broken {
                line,
                reason: format!("this version of arcbook did not write it: {reason}"),
            },
            verdict => verdict,
        }
    }

    fn line(&mut self, text: &[u8]) -> Result<(), Verdict> {
        let number = self.lines.len() + 1;
        let broken = |reason: &str| Verdict::Broken { line: number, reason: reason.to_owned() };
        let line: Line = serde_json::from_slice(text).map_err(|error| match error.classify() {
            Category::Data => Verdict::Unreadable { line: number, reason: without_place(&error) },
            _ => broken("it is not JSON"),
        })?;
        if line.prev != self.head {
            return Err(broken("it does not follow from the previous line"));
        }
        if Ok(line.record.seq) != u64::try_from(number) {
            return Err(broken("its sequence number is out of order"));
        }
        if self.finished().is_some() {
            return Err(broken("it comes after the end of the run"));
        }
        self.head = Digest::of(text);
        self.lines.push(line);
        Ok(())
    }

    /// Returns the records in order.
    #[must_use]
    pub fn records(&self) -> impl DoubleEndedIterator<Item = &Record> {
        self.lines.iter().map(|line| &*line.record)
    }

    /// Returns the error of a record that cannot be relied on, by the name of its run; `given` stands for a record
    /// without a beginning.
    #[must_use]
    pub fn error(&self, given: &str) -> Option<JournalError> {
        let run = self.started().map_or(given, |started| started.run.as_str()).to_owned();
        match &self.verdict {
            Verdict::Broken { line, reason } => {
                Some(JournalError::Broken { run, reason: format!("line {line}: {reason}") })
            }
            Verdict::Unreadable { line, reason } => {
                Some(JournalError::Unreadable { run, reason: format!("line {line}: {reason}") })
            }
            Verdict::Complete | Verdict::Unfinished | Verdict::Torn => None,
        }
    }

    /// Returns the start of the run, unless the run was killed before it was written.
    #[must_use]
    pub fn started(&self) -> Option<&RunStarted> {
        self.records().find_map(|record| match &record.event {
            Event::RunStarted(started) => Some(&**started),
            _ => None,
        })
    }

    /// Returns the end of the run, if the last record is one.
    #[must_use]
    pub fn finished(&self) -> Option<&RunFinished> {
        match &self.records().next_back()?.event {
            Event::RunFinished(finished) => Some(finished),
            _ => None,
        }
    }

    /// Returns a contradiction between the last record and the others; no later line protects the last one.
    fn disagreement(&self, end: &RunFinished) -> Option<String> {
        let run = RunRecord::of(self);
        let (counted, said) = (run.summary, end.summary());
        let counts = [
            ("done", said.done, counted.done),
            ("changed", said.changed, counted.changed),
            ("recalled", said.recalled, counted.recalled),
            ("failed", said.failed, counted.failed),
            ("tolerated", said.tolerated, counted.tolerated),
            ("skipped", said.skipped, counted.skipped),
            ("left_out", said.left_out, counted.left_out),
        ];
        if let Some((name, said, counted)) = counts.into_iter().find(|(_, said, counted)| said != counted) {
            return Some(format!("it says {said} {name}, the other records say {counted}"));
        }
        let right = match end.status {
            Status::Done => !run.has_failures() && !run.was_interrupted,
            Status::Interrupted => run.was_interrupted,
            Status::Failed => run.has_failures() && !run.was_interrupted,
        };
        let status = end.status.as_str();
        (!right).then(|| format!("its status is \"{status}\", which the other records do not bear out"))
    }
}

/// Returns an error message without its position, which is that within the line.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.as_str(), |(message, _)| message).to_owned()
}

#[cfg(test)]
impl Journal {
    /// Returns an unfinished journal of these events.
    pub(super) fn of_events(events: impl IntoIterator<Item = Event>) -> Self {
        let line = |(seq, event)| {
            let record =
                Record { seq, at: "2026-01-01T00:00:00.000Z".to_owned(), elapsed_microseconds: seq, event };
            Line { prev: GENESIS, heads: Vec::new(), record: std::borrow::Cow::Owned(record) }
        };
        let lines = (1..).zip(events).map(line).collect();
        Self { lines, verdict: Verdict::Unfinished, head: GENESIS }
    }
}
