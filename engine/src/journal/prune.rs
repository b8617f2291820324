//! Removes records, and records which ones.

use std::collections::{BTreeSet, HashSet};
use std::io;
use std::path::{Path, PathBuf};

use time::OffsetDateTime;

use super::heads::Ends;
use super::marks::Marks;
use super::prune_record::{Intent, Left, PruneFile, Removed};
use super::retention::{Entry, Kept, Retention, RunsSelected, Selecting};
use super::signed::signature_path;
use super::{Digest, Directory, Journal, JournalError, RunRecord};
use crate::run::{Origin, PriorRun};

/// The records to remove.
#[derive(Debug)]
pub struct Prune<'a> {
    directory: &'a Directory,
    /// The records to remove, oldest first.
    pub removes: Vec<Doomed>,
    /// The runs that are kept although they are old enough, oldest first.
    pub keeps: Vec<(String, Kept)>,
    /// The number of records that stay.
    pub stay: usize,
}

/// A record to remove.
#[derive(Debug)]
pub struct Doomed {
    /// The facts that the record of the removal keeps.
    pub facts: Removed,
    /// The name of the runbook and its directory; none for the record of an earlier removal.
    pub runbook: Option<(String, String)>,
    path: PathBuf,
    /// The files to which the run copied the content that it replaced.
    kept: Vec<PathBuf>,
}

/// The outcome of a removal.
#[derive(Debug)]
pub struct Pruned {
    /// The name of the record of the removal.
    pub id: String,
    /// The digest of its last line.
    pub digest: Digest,
    /// The records that could not be removed.
    pub left: Vec<Left>,
}

impl<'a> Prune<'a> {
    /// Selects the records of `directory` that `retention` allows to remove; `is_over` returns true for a run
    /// whose services are gone: it cannot be resumed, and only what it changed on this machine can be undone.
    ///
    /// Fails if the first line of a record was changed or cannot be read, since it may belong to any chain.
    pub fn plan(
        directory: &'a Directory,
        retention: &Retention,
        is_over: impl Fn(&PriorRun) -> bool,
    ) -> Result<Self, JournalError> {
        let entries = directory.files()?.into_iter().map(Entry::read);
        let entries = entries.collect::<Result<Vec<_>, _>>()?;
        let count = entries.len();
        let (prunes, runs): (Vec<_>, Vec<_>) = entries.into_iter().partition(|entry| entry.file.is_prune());
        let now = OffsetDateTime::now_utc();
        let shipped = Marks::of(directory).marked()?;
        let selecting =
            Selecting { directory, retention, now, runs: &runs, prunes: &prunes, shipped: &shipped };
        let RunsSelected { old, kept } = selecting.runs(is_over)?;
        // The record of a removal is not removed for its own sake, because that would leave another one.
        let unneeded = if old.is_empty() { BTreeSet::new() } else { selecting.prunes(&old) };
        let doomed = unneeded.iter().map(|&at| &prunes[at]).chain(old.iter().map(|&at| &runs[at]));
        let mut removes = doomed.map(Doomed::of).collect::<Result<Vec<_>, _>>()?;
        removes.sort_by(|a, b| a.facts.run.cmp(&b.facts.run));
        let keeps = kept.into_iter().map(|(at, why)| (runs[at].file.id.clone(), why)).collect();
        let stay = count - removes.len();
        Ok(Self { directory, removes, keeps, stay })
    }

    /// Returns the runbooks whose runs are removed, each by its name and its directory.
    #[must_use]
    pub fn runbooks(&self) -> BTreeSet<(String, String)> {
        self.removes.iter().filter_map(|doomed| doomed.runbook.clone()).collect()
    }

    /// Removes the records, each with `remove`, after a record of the removal and its `origin` is on the disk.
    pub fn carry_out(
        &self,
        origin: Origin,
        mut remove: impl FnMut(&Path) -> io::Result<()>,
    ) -> Result<Pruned, JournalError> {
        let failed = |source| JournalError::Prune { path: self.directory.path().to_owned(), source };
        let gone: HashSet<&str> = self.removes.iter().map(|doomed| doomed.facts.run.as_str()).collect();
        let id = self.directory.next_prune_id();
        let Origin { by, command, versions, approval } = origin;
        let intent = Intent {
            run: id.clone(),
            by,
            command,
            versions,
            approval,
            removes: self.removes.iter().map(|doomed| doomed.facts.clone()).collect(),
            heads: self.directory.heads(|run| gone.contains(run)),
        };
        let file = PruneFile::begin(&self.directory.path_of(&id), intent).map_err(failed)?;
        let mut left = Vec::new();
        for Doomed { facts, path, kept, .. } in &self.removes {
            // Without its record, a run can no longer be undone, and nobody needs what it kept.
            let signature = signature_path(self.directory.path(), &facts.run);
            let signature = signature.exists().then_some(&signature);
            let removed =
                kept.iter().chain(signature).chain([path]).try_for_each(|path| match remove(path) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                    _ => Ok(()),
                });
            if let Err(error) = removed {
                left.push(Left { run: facts.run.clone(), reason: error.to_string() });
            }
        }
        let digest = file.end(left.clone()).map_err(failed)?;
        Ok(Pruned { id, digest, left })
    }
}

/// Returns the files to which the steps of a run copied the content that they replaced.
///
/// Only regular files count that bear the name of the run: a record that was changed leads to no other file.
fn kept(run: &str, path: &Path) -> Vec<PathBuf> {
    let Ok(journal) = Journal::read(path) else { return Vec::new() };
    let record = RunRecord::of(&journal);
    let directory = record.started.map_or("", |started| started.directory.as_str());
    let intents = record.steps.values().flat_map(|step| &step.intents);
    let named = intents.filter_map(|intent| Some(Path::new(directory).join(intent.kept?)));
    let is_own = |path: &PathBuf| {
        let bears = |name: &str| name.starts_with('.') && name.contains(&format!(".arcbook-{run}-"));
        path.file_name().and_then(|name| name.to_str()).is_some_and(bears)
            && path.symlink_metadata().is_ok_and(|metadata| metadata.is_file())
    };
    named.filter(is_own).collect()
}

impl Doomed {
    fn of(entry: &Entry) -> Result<Self, JournalError> {
        let path = entry.file.path.clone();
        let read = |source| JournalError::Read { path: path.clone(), source };
        let bytes = path.symlink_metadata().map_err(read)?.len();
        // A record without a complete line has no end that another one could name.
        let last = Ends::open(&path).map_err(read)?.last().ok();
        let sha256 = last.map(|last| last.digest.to_string());
        let facts = Removed { run: entry.file.id.clone(), sha256, bytes };
        let begun = entry.beginning.as_ref().filter(|_| !entry.file.is_prune());
        let runbook = begun.map(|begun| (begun.runbook.clone(), begun.directory.clone()));
        let kept = if entry.file.is_prune() { Vec::new() } else { kept(&entry.file.id, &path) };
        Ok(Self { facts, runbook, path, kept })
    }
}
