//! Decides which records are kept.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::io;
use std::time::Duration;

use arcbook_os::lock::FileLock;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::beginning::Beginning;
use super::directory::{RecordFile, moment};
use super::heads::Ends;
use super::history::{Links, lineage};
use super::marks::Marked;
use super::{Directory, History, JournalError, Of, compressed};
use crate::run::{PriorRun, RecordedChange};
use crate::source::open_plain;
use crate::step::{Change, PriorState};

/// The rules by which records are kept; a record is removed only if every rule allows it.
#[derive(Clone, Debug, Default)]
pub struct Retention {
    /// Remove only records that are at least this old.
    pub older_than: Option<Duration>,
    /// Keep this many of the newest runs.
    pub keep: Option<usize>,
    /// Remove even runs that can still be resumed.
    pub including_resumable: bool,
    /// Remove even runs that can still be undone.
    pub including_undoable: bool,
    /// Remove even records that were to leave the machine, and did not.
    pub including_unshipped: bool,
}

/// The reason why a record is kept although it is old enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kept {
    /// The run, or the chain that it belongs to, can still be resumed.
    Resumable,
    /// The run, or the chain that it belongs to, can still be undone.
    Undoable,
    /// The record was to be uploaded to a place outside of the machine, and was not.
    Unshipped,
    /// The run may still be in progress: its record has no end, and its writer holds the lock of it or had no time to.
    InProgress,
    /// The record, or another one of its chain, was changed or is missing.
    Incomplete,
    /// The record, or another one of its chain, names a record that is missing: only so can anybody notice that.
    Witness,
}

/// The record of a run.
pub(super) struct Entry {
    pub file: RecordFile,
    pub beginning: Option<Beginning>,
}

/// The time after which a record without an end belongs to a run that was killed, where no lock tells: on a file system
/// without locks, and before the first line.
const IN_PROGRESS: Duration = Duration::from_hours(24);

impl Entry {
    pub fn read(file: RecordFile) -> Result<Self, JournalError> {
        let line = compressed::read_first_line(&file.path)
            .map_err(|source| JournalError::Read { path: file.path.clone(), source })?;
        Ok(Self { beginning: Beginning::parse(&line), file })
    }

    /// Returns the age of the record; none if its time is unknown or in the future.
    fn age(&self, now: OffsetDateTime) -> Option<Duration> {
        let at = self.beginning.as_ref().and_then(|begun| OffsetDateTime::parse(&begun.at, &Rfc3339).ok());
        Duration::try_from(now - at.or_else(|| moment(&self.file.id))?).ok()
    }

    /// Returns the runs that this one resumes or undoes.
    fn links(&self) -> impl Iterator<Item = &str> {
        let lineage = self.beginning.iter().flat_map(Beginning::lineage);
        lineage.map(|lineage| lineage.run.as_str())
    }

    /// Returns true if the record may still be written: it has no end, and its writer holds the lock of its file.
    pub fn may_go_on(&self, now: OffsetDateTime) -> bool {
        let is_young = || self.age(now).is_none_or(|age| age < IN_PROGRESS);
        let has_ended =
            || Ends::open(&self.file.path).and_then(|mut ends| ends.last()).is_ok_and(|last| last.is_end);
        // A writer locks a new file before its first line, and must not find it locked by somebody who looks.
        let is_written = match &self.beginning {
            Some(_) => self.is_locked().unwrap_or_else(|_| is_young()),
            None => is_young(),
        };
        is_written && !has_ended()
    }

    fn is_locked(&self) -> io::Result<bool> {
        FileLock::is_held(&open_plain(&self.file.path)?)
    }

    fn is_undo(&self) -> bool {
        self.beginning.as_ref().is_some_and(|beginning| beginning.undoes.is_some())
    }
}

/// The runs that the rules select, by their indexes.
pub(super) struct RunsSelected {
    /// The runs to remove.
    pub old: BTreeSet<usize>,
    /// The runs that are kept although they are old enough, with the reasons.
    pub kept: Vec<(usize, Kept)>,
}

/// The records of a directory, and the rules for them.
pub(super) struct Selecting<'a> {
    pub directory: &'a Directory,
    pub retention: &'a Retention,
    pub now: OffsetDateTime,
    /// The records of runs, oldest first.
    pub runs: &'a [Entry],
    /// The records of earlier removals, oldest first.
    pub prunes: &'a [Entry],
    /// The records that places outside of the machine have.
    pub shipped: &'a Marked,
}

impl Selecting<'_> {
    /// Selects the runs to remove.
    ///
    /// A chain of resumes is one unit with the runs that undo it: a resumed run cannot be read without the
    /// runs that it resumed, and without the record of its undo a run would look as if it could be undone.
    pub fn runs(&self, is_over: impl Fn(&PriorRun) -> bool) -> Result<RunsSelected, JournalError> {
        let links = Links::of(self.directory)?;
        let first_kept = self.runs.len() - self.retention.keep.unwrap_or(0).min(self.runs.len());
        let known = self.known();
        let mut selected = RunsSelected { old: BTreeSet::new(), kept: Vec::new() };
        for chain in chains(self.runs) {
            if !chain.iter().all(|&at| at < first_kept && self.is_old(&self.runs[at])) {
                continue;
            }
            let is_witness = || chain.iter().any(|&at| Self::names_missing(&self.runs[at], &known));
            match self.needed(&chain, &links, &is_over).or_else(|| is_witness().then_some(Kept::Witness)) {
                Some(why) => selected.kept.extend(chain.into_iter().map(|at| (at, why))),
                None => selected.old.extend(chain),
            }
        }
        selected.kept.sort_unstable();
        Ok(selected)
    }

    /// Returns the indexes of the records of earlier removals to remove: those that explain the absence of no
    /// record that a kept one names.
    pub fn prunes(&self, old: &BTreeSet<usize>) -> BTreeSet<usize> {
        let kept = self.runs.iter().enumerate().filter(|(at, _)| !old.contains(at));
        let mut named: HashSet<&str> = kept.flat_map(|(_, run)| names(run)).collect();
        let (mut unneeded, young): (BTreeSet<usize>, BTreeSet<usize>) =
            (0..self.prunes.len()).partition(|&at| self.is_old(&self.prunes[at]));
        named.extend(young.into_iter().flat_map(|at| names(&self.prunes[at])));
        loop {
            let needed = unneeded.iter().copied().find(|&at| explains(&self.prunes[at], &named));
            let Some(needed) = needed else { return unneeded };
            unneeded.remove(&needed);
            named.extend(names(&self.prunes[needed]));
        }
    }

    /// Returns the names of the records that exist or were removed on record.
    fn known(&self) -> HashSet<&str> {
        let existing = self.runs.iter().chain(self.prunes).map(|entry| entry.file.id.as_str());
        let beginnings = self.prunes.iter().filter_map(|prune| prune.beginning.as_ref());
        let removed = beginnings.flat_map(|beginning| &beginning.removes).map(|removed| removed.run.as_str());
        existing.chain(removed).collect()
    }

    /// Returns true if the record names one that is missing.
    fn names_missing(entry: &Entry, known: &HashSet<&str>) -> bool {
        entry.beginning.iter().flat_map(Beginning::names).any(|(run, _)| !known.contains(run))
    }

    fn is_old(&self, entry: &Entry) -> bool {
        let Some(limit) = self.retention.older_than else { return true };
        entry.age(self.now).is_some_and(|age| age >= limit)
    }

    /// Returns the reason why a chain must be kept.
    fn needed(
        &self,
        chain: &[usize],
        links: &Links<'_>,
        is_over: impl Fn(&PriorRun) -> bool,
    ) -> Option<Kept> {
        let all = || chain.iter().map(|&at| &self.runs[at]);
        // Nothing that is still written is removed, whatever else is wanted.
        if all().any(|run| run.may_go_on(self.now)) {
            return Some(Kept::InProgress);
        }
        let tips = all();
        let tips = tips.filter(|run| !run.is_undo() && !self.is_resumed(run, chain));
        for run in tips {
            let path = run.file.path.to_string_lossy();
            // A run that was killed before its first line was durable changed nothing.
            let history = run.beginning.as_ref().map(|_| {
                lineage(self.directory, &path, Of::Any).and_then(|lineage| History::among(links, &lineage))
            });
            let Ok(history) = history.transpose() else { return Some(Kept::Incomplete) };
            let unshipped = || all().any(|run| self.is_unshipped(run)).then_some(Kept::Unshipped);
            let why = match history {
                None => None,
                Some(history) if is_over(&history.prior_run) => {
                    self.needs_undo(&history, |recorded| recorded.is_local)
                }
                Some(history) => self.needs(&history).or_else(unshipped),
            };
            if why.is_some() {
                return why;
            }
        }
        None
    }

    fn is_unshipped(&self, run: &Entry) -> bool {
        let place = run.beginning.as_ref().and_then(|beginning| beginning.ships_to.as_deref());
        let is_unshipped = |place: &str| !self.shipped.has(place, &run.file);
        !self.retention.including_unshipped && place.is_some_and(is_unshipped)
    }

    fn needs(&self, history: &History) -> Option<Kept> {
        if !self.retention.including_resumable && is_resumable(history) {
            return Some(Kept::Resumable);
        }
        self.needs_undo(history, |_| true)
    }

    /// Returns the reason to keep a chain if one of the changes that `counts` can be undone.
    fn needs_undo(&self, history: &History, counts: impl Fn(&RecordedChange) -> bool) -> Option<Kept> {
        (!self.retention.including_undoable && is_undoable(history, counts)).then_some(Kept::Undoable)
    }

    fn is_resumed(&self, run: &Entry, chain: &[usize]) -> bool {
        let mut resumes = chain.iter().filter_map(|&at| self.runs[at].beginning.as_ref()?.resumes.as_ref());
        resumes.any(|lineage| lineage.run == run.file.id)
    }
}

fn is_resumable(history: &History) -> bool {
    !history.prior_run.done && history.undone_by.is_empty()
}

/// Returns true if the chain made a change that `counts`, or may have, that was not undone since and can be: it
/// created an object, or the record holds or names the prior state.
fn is_undoable(history: &History, counts: impl Fn(&RecordedChange) -> bool) -> bool {
    history.prior_run.changes.iter().filter(|recorded| counts(recorded)).any(|recorded| {
        let has_prior = recorded.prior.is_some() || recorded.kept.is_some();
        let can_be = match recorded.outcome.as_ref().map(|outcome| outcome.change) {
            Some(Change::None) => false,
            Some(Change::Created) => true,
            Some(Change::Updated | Change::Removed) => has_prior,
            None => recorded.before != PriorState::Present || has_prior,
        };
        can_be && !history.undone.has(&recorded.step, &recorded.intent.target)
    })
}

/// Returns the names and digests by which a record refers to others.
fn names(entry: &Entry) -> impl Iterator<Item = &str> {
    entry.beginning.iter().flat_map(Beginning::names).flat_map(|(run, sha256)| [run, sha256])
}

/// Returns true if the record of a removal explains the absence of a named record.
fn explains(prune: &Entry, named: &HashSet<&str>) -> bool {
    let mut removed = prune.beginning.iter().flat_map(|beginning| &beginning.removes);
    removed.any(|removed| {
        named.contains(removed.run.as_str())
            || removed.sha256.as_deref().is_some_and(|sha256| named.contains(sha256))
    })
}

/// Groups the runs that resume or undo each other; the groups and their members are in the order of the runs.
fn chains(runs: &[Entry]) -> Vec<Vec<usize>> {
    let known: HashMap<&str, usize> =
        runs.iter().enumerate().map(|(at, run)| (run.file.id.as_str(), at)).collect();
    let mut neighbours = vec![Vec::new(); runs.len()];
    for (at, run) in runs.iter().enumerate() {
        for other in run.links().filter_map(|link| known.get(link)) {
            neighbours[at].push(*other);
            neighbours[*other].push(at);
        }
    }
    let mut is_seen = vec![false; runs.len()];
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for first in 0..runs.len() {
        if is_seen[first] {
            continue;
        }
        let (mut group, mut next) = (Vec::new(), vec![first]);
        while let Some(at) = next.pop() {
            if !std::mem::replace(&mut is_seen[at], true) {
                group.push(at);
                next.extend(&neighbours[at]);
            }
        }
        group.sort_unstable();
        groups.push(group);
    }
    groups
}
