//! Reads the first line of a record, which links it to others.

use serde::Deserialize;

use super::prune_record::Removed;
use super::{GENESIS, Head};
use crate::run::{Approval, Lineage};
use crate::step::Actor;

/// The first line of a record: the only place where links between records are looked up.
#[derive(Debug, Deserialize)]
pub(super) struct Beginning {
    prev: String,
    pub event: String,
    /// The name of the record.
    #[serde(default)]
    pub run: String,
    /// The time of the event, in RFC 3339.
    pub at: String,
    /// The name of the runbook; empty in the record of a removal.
    #[serde(default)]
    pub runbook: String,
    /// The directory of the runbook; empty in the record of a removal.
    #[serde(default)]
    pub directory: String,
    /// The run that this one resumes.
    pub resumes: Option<Lineage>,
    /// The run that this one undoes.
    pub undoes: Option<Lineage>,
    /// The user and the host; none in a record that does not name them.
    pub by: Option<Actor>,
    /// The place that keeps the record of the run, if it leaves the machine.
    pub ships_to: Option<String>,
    /// The kind of approval; none in a record that does not name it.
    pub approval: Option<Approval>,
    /// The ends of the other records at that time.
    #[serde(default)]
    pub heads: Vec<Head>,
    /// The records that are removed, in the record of a removal.
    #[serde(default)]
    pub removes: Vec<Removed>,
}

impl Beginning {
    /// Reads a first line, with or without its line feed; none if no record begins with it.
    pub fn parse(line: &[u8]) -> Option<Self> {
        let beginning: Self = serde_json::from_slice(line).ok()?;
        let is_one = matches!(beginning.event.as_str(), "run_started" | "prune_started");
        (is_one && beginning.prev == GENESIS.to_string()).then_some(beginning)
    }

    /// Returns the records that this one refers to, by their names and the digests of a line of each.
    pub fn names(&self) -> impl Iterator<Item = (&str, &str)> {
        let heads = self.heads.iter().map(|head| (head.run.as_str(), head.sha256.as_str()));
        let lineage = self.lineage().map(|run| (run.run.as_str(), run.sha256.as_str()));
        heads.chain(lineage)
    }

    /// Returns the run that this one resumes or undoes.
    pub fn lineage(&self) -> impl Iterator<Item = &Lineage> {
        self.resumes.iter().chain(&self.undoes)
    }
}
