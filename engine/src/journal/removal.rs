//! Reads the record of a removal, and shows it to people.

use std::fmt::Write;
use std::path::Path;

use super::beginning::Beginning;
use super::directory::{PRUNE, id_at};
use super::show::told;
use super::{Digest, GENESIS, JournalError, Removed, Verdict, compressed, prune_record};
use crate::diagnostic::visible_line;
use crate::run::Approval;
use crate::step::Actor;

/// The record of a removal by `runs prune`.
#[derive(Debug)]
pub struct Removal {
    /// Its name; empty if its first line is not intact.
    pub run: String,
    /// The time of its intent, in RFC 3339.
    pub at: String,
    /// The user who removed them, and the host; none if its first line is not intact.
    pub by: Option<Actor>,
    /// The kind of approval; none if its first line is not intact.
    pub approval: Option<Approval>,
    /// The records that it removed, or was about to remove.
    pub removes: Vec<Removed>,
    /// The number of its intact lines.
    pub lines: usize,
    /// The result of its verification.
    pub verdict: Verdict,
    /// The digest of its last intact line.
    pub head: Digest,
}

impl Removal {
    /// Reads the record at `path`; none if its name is not that of a removal.
    pub fn read(path: &Path) -> Result<Option<Self>, JournalError> {
        if !id_at(path).ends_with(PRUNE) {
            return Ok(None);
        }
        let read = |source| JournalError::Read { path: path.to_owned(), source };
        compressed::read(path).map(|bytes| Some(Self::parse(&bytes))).map_err(read)
    }

    /// Reads the record in `bytes`.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Self {
        let (lines, verdict) = match prune_record::check(bytes) {
            Ok((lines, true)) => (lines, Verdict::Complete),
            Ok((lines, false)) if bytes.is_empty() || bytes.ends_with(b"\n") => (lines, Verdict::Unfinished),
            Ok((lines, false)) => (lines, Verdict::Torn),
            Err((line, reason)) => (line - 1, Verdict::Broken { line, reason }),
        };
        let intact = || bytes.split(|&byte| byte == b'\n').take(lines);
        let head = intact().last().map_or(GENESIS, Digest::of);
        let beginning = intact().next().and_then(Beginning::parse);
        let facts = |it: Beginning| (it.run, it.at, it.removes, it.by, it.approval);
        let (run, at, removes, by, approval) = beginning.map(facts).unwrap_or_default();
        Self { run, at, by, approval, removes, lines, verdict, head }
    }

    /// Describes the removal.
    #[must_use]
    pub fn show(&self) -> String {
        let by = self.by.as_ref().map(|by| format!(" by {}", visible_line(&by.to_string())));
        let approved = self.approval.map(|approval| format!(", approved {}", approval.words()));
        let (by, approved) = (by.unwrap_or_default(), approved.unwrap_or_default());
        let (at, count) = (visible_line(&self.at), self.removes.len());
        let mut text = format!("{at}  removal of {count} records{by}{approved}:\n");
        for Removed { run, sha256, .. } in &self.removes {
            let sha256 = sha256.as_deref().unwrap_or("none, it was empty");
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{}", visible_line(&format!("- {run}  sha256 {sha256}")));
        }
        let _ = writeln!(text, "\n{}", told(&self.verdict, &self.head));
        text
    }
}
