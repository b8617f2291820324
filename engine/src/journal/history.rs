//! Reads the history of a run from its journal and those of related runs.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::path::Path;

use super::changes::Fold;
use super::directory::id_at;
use super::{Directory, Journal, JournalError, RunRecord, StepEnding, StepResult, Verdict};
use crate::run::{Lineage, Principal, PriorRun, RecordedIdentity, RunStarted, Status, Undone};

/// The history of a run and of the runs that it resumed.
#[derive(Debug)]
pub struct History {
    /// The changes of these runs.
    pub prior_run: PriorRun,
    /// The newest run that resumed this one, if any.
    pub resumed_by: Option<String>,
    /// The runs that removed something that these runs created, in the order of their names.
    pub undone_by: Vec<String>,
    /// The changes that were undone, turned out not to exist, or are being undone by the service.
    pub undone: Undone,
}

/// The runs that `latest` may refer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of<'a> {
    /// The runs of any runbook.
    Any,
    /// The runs of the runbook with one of these names in this directory, given by its absolute path.
    Runbook(&'a [&'a str], &'a str),
}

impl Of<'_> {
    /// Returns true if the run with that first record is one of them. Runs that undo another one are not, since nothing
    /// can resume them.
    fn may_be_latest(self, started: &RunStarted) -> bool {
        started.undoes.is_none() && self.admits(started)
    }

    fn admits(self, started: &RunStarted) -> bool {
        match self {
            Self::Any => true,
            Self::Runbook(names, place) => {
                names.contains(&started.runbook.as_str()) && started.directory == place
            }
        }
    }
}

impl History {
    /// Reads the history of the run that `name` refers to; `latest` is the newest run that `of` admits and
    /// that has begun.
    ///
    /// A truncated journal is accepted, since a crash leaves one. A changed one is refused, even that of a
    /// run before or after this one.
    pub fn read(directory: &Directory, name: &str, of: Of<'_>) -> Result<Self, JournalError> {
        let lineage = lineage(directory, name, of)?;
        Self::among(&Links::of(directory)?, &lineage)
    }

    /// Reads the history of the newest run that `of` admits and that changed something, whether or not that was undone; of
    /// the newest one if none did.
    pub fn of_newest_changes(directory: &Directory, of: Of<'_>) -> Result<Self, JournalError> {
        let newest = Self::read(directory, "latest", of)?;
        if !newest.prior_run.changes.is_empty() {
            return Ok(newest);
        }
        let links = Links::of(directory)?;
        let mut seen = BTreeSet::from([newest.prior_run.lineage.run.clone()]);
        for (run, _) in links.started.iter().rev().filter(|(_, started)| of.may_be_latest(started)) {
            let tip = links.tip(run)?;
            if !seen.insert(tip.clone()) {
                continue;
            }
            let history = Self::among(&links, &lineage(directory, &tip, Of::Any)?)?;
            if !history.prior_run.changes.is_empty() {
                return Ok(history);
            }
        }
        Ok(newest)
    }

    /// Reads the history of the run at the end of `lineage`, newest first, among the runs of `links`.
    pub(super) fn among(links: &Links<'_>, lineage: &[(String, Journal)]) -> Result<Self, JournalError> {
        let mut fold = Fold::default();
        for (run, journal) in lineage.iter().rev() {
            fold.read(run, &RunRecord::of(journal));
        }
        let prior_run = prior_run(lineage, fold)?;
        let runs: Vec<String> = lineage.iter().map(|(run, _)| run.clone()).collect();
        let mut history =
            Self { prior_run, resumed_by: None, undone_by: Vec::new(), undone: Undone::default() };
        history.resumed_by = Some(links.tip(&runs[0])?).filter(|tip| *tip != runs[0]);
        for run in &runs {
            for (undo, journal) in links.undoing(run)? {
                history.take_back(undo, &journal);
            }
        }
        Ok(history)
    }

    /// Records the changes that a run undid.
    fn take_back(&mut self, id: &str, journal: &Journal) {
        let run = RunRecord::of(journal);
        for (step, recorded) in &run.steps {
            if let Some(operation) = recorded.operation {
                self.undone.operate(step, recorded.target(), operation.url());
            }
            match recorded.ending {
                Some(StepEnding { result: StepResult::Finished { .. }, .. }) => {
                    self.undone.finish(step, recorded.target());
                }
                None if !recorded.intents.is_empty() => self.undone.begin(step, recorded.target()),
                _ => {}
            }
        }
        if run.has_changed() {
            self.undone_by.push(id.to_owned());
        }
    }
}

/// The links between the runs of a directory, from the first line of each journal, which names the run that
/// it resumes or undoes.
pub(super) struct Links<'a> {
    directory: &'a Directory,
    started: Vec<(String, RunStarted)>,
    /// The runs that resume or undo a run, by its name, in the order of their names.
    later: HashMap<(Link, String), Vec<usize>>,
}

/// A relation of a run to an earlier one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Link {
    Resumes,
    Undoes,
}

impl<'a> Links<'a> {
    /// Reads the first lines of all journals. One that cannot be read may belong to any chain, so it is an
    /// error.
    pub fn of(directory: &'a Directory) -> Result<Self, JournalError> {
        let mut started = Vec::new();
        let mut later: HashMap<(Link, String), Vec<usize>> = HashMap::new();
        for id in directory.ids()? {
            let journal = directory.beginning(&id)?;
            check(&id, &journal)?;
            // A run that was killed before its first record was durable changed nothing.
            if let Some(event) = journal.started() {
                for (link, lineage) in [(Link::Resumes, &event.resumes), (Link::Undoes, &event.undoes)] {
                    if let Some(lineage) = lineage {
                        later.entry((link, lineage.run.clone())).or_default().push(started.len());
                    }
                }
                started.push((id, event.clone()));
            }
        }
        Ok(Self { directory, started, later })
    }

    /// Reads the journals of the runs that undo `run`, in the order of their names.
    fn undoing(&self, run: &str) -> Result<Vec<(&str, Journal)>, JournalError> {
        let read = |id| Ok((id, self.read(id)?));
        self.linked(Link::Undoes, run).map(read).collect()
    }

    /// Returns the newest run of the chain that resumes `run`: `run` itself if none does.
    fn tip(&self, run: &str) -> Result<String, JournalError> {
        let mut tip = run.to_owned();
        let mut seen = BTreeSet::new();
        while seen.insert(tip.clone()) {
            let Some(next) = self.linked(Link::Resumes, &tip).last() else { break };
            self.read(next)?;
            next.clone_into(&mut tip);
        }
        Ok(tip)
    }

    fn runbooks(&self) -> BTreeSet<(String, String)> {
        let runbook =
            |(_, started): &(String, RunStarted)| (started.runbook.clone(), started.directory.clone());
        self.started.iter().map(runbook).collect()
    }

    /// Returns the newest run of a runbook whose directory is gone.
    fn moved(&self) -> Option<String> {
        let is_gone = |(_, started): &&(String, RunStarted)| {
            let directory = &started.directory;
            started.undoes.is_none() && !directory.is_empty() && !Path::new(directory).exists()
        };
        self.started.iter().rev().find(is_gone).map(|(id, _)| id.clone())
    }

    /// Returns the runs whose `link` names `run`.
    fn linked(&self, link: Link, run: &str) -> impl Iterator<Item = &str> {
        let later = self.later.get(&(link, run.to_owned()));
        later.into_iter().flatten().map(|&at| self.started[at].0.as_str())
    }

    fn read(&self, id: &str) -> Result<Journal, JournalError> {
        let journal = self.directory.read(id)?;
        check(id, &journal)?;
        Ok(journal)
    }
}

/// Reads the journals of a run that has begun and of those that it resumed, with their names, newest first.
pub(super) fn lineage(
    directory: &Directory,
    name: &str,
    of: Of<'_>,
) -> Result<Vec<(String, Journal)>, JournalError> {
    let (id, journal) = begun(directory, name, of)?;
    let mut resumed = resumes(&id, &journal)?;
    let mut all = vec![(id, journal)];
    while let Some(Lineage { run, sha256 }) = resumed {
        let journal = directory.read(&run).map_err(|error| match error {
            JournalError::Read { source, .. } if source.kind() == io::ErrorKind::NotFound => {
                JournalError::Gone { run: run.clone(), named_by: all[all.len() - 1].0.clone() }
            }
            error => error,
        })?;
        check(&run, &journal)?;
        if journal.head.to_string() != sha256 {
            let reason = format!("it is not the record that {} went on from", all[all.len() - 1].0);
            return Err(JournalError::Broken { run, reason });
        }
        resumed = resumes(&run, &journal)?;
        all.push((run, journal));
    }
    Ok(all)
}

/// Returns the runbooks with runs in a directory, each by its name and its directory.
pub fn runbooks(directory: &Directory) -> Result<BTreeSet<(String, String)>, JournalError> {
    Ok(Links::of(directory)?.runbooks())
}

/// Returns a run that executed the plan file with that digest successfully and has not been undone.
pub fn done_of_plan(directory: &Directory, sha256: &str) -> Result<Option<String>, JournalError> {
    let links = Links::of(directory)?;
    let of_plan = links.started.iter().filter(|(_, started)| started.plan.as_deref() == Some(sha256));
    for (id, _) in of_plan.rev() {
        let history = History::read(directory, id, Of::Any)?;
        if history.prior_run.done && history.undone_by.is_empty() {
            return Ok(Some(id.clone()));
        }
    }
    Ok(None)
}

/// Reads the journal of a run; returns it with the name of the run.
fn begun(directory: &Directory, name: &str, of: Of<'_>) -> Result<(String, Journal), JournalError> {
    if name == "latest" {
        return latest(directory, of);
    }
    let path = directory.find(name)?;
    let id = id_at(&path);
    let journal = Journal::read(&path)?;
    check(&id, &journal)?;
    Ok((id, journal))
}

/// Reads the journal of the newest run that `of` admits.
///
/// Clocks may go back, so a run that resumes another one counts as newer, whatever its name.
fn latest(directory: &Directory, of: Of<'_>) -> Result<(String, Journal), JournalError> {
    let links = Links::of(directory)?;
    let newest = links.started.iter().rev().find(|(_, started)| of.may_be_latest(started));
    let missing = || {
        let found: Vec<_> = links.runbooks().into_iter().collect();
        match of {
            Of::Runbook([name, ..], place) if !found.is_empty() => {
                let (name, place) = ((*name).to_owned(), place.to_owned());
                JournalError::Elsewhere { name, place, found, moved: links.moved() }
            }
            _ if directory.ids().is_ok_and(|ids| ids.is_empty()) => directory.no_records(),
            _ => JournalError::Missing {
                name: "latest".to_owned(),
                path: directory.path().to_owned(),
                hint: None,
            },
        }
    };
    let tip = links.tip(&newest.ok_or_else(missing)?.0)?;
    let journal = links.read(&tip)?;
    Ok((tip, journal))
}

/// Returns an error for a journal that was changed.
fn check(run: &str, journal: &Journal) -> Result<(), JournalError> {
    match journal.verdict.clone() {
        Verdict::Broken { line, reason } => {
            Err(JournalError::Broken { reason: format!("line {line}: {reason}"), run: run.to_owned() })
        }
        Verdict::Unreadable { line, reason } => {
            Err(JournalError::Unreadable { reason: format!("line {line}: {reason}"), run: run.to_owned() })
        }
        Verdict::Complete | Verdict::Unfinished | Verdict::Torn => Ok(()),
    }
}

/// Returns the run that a run resumes.
fn resumes(run: &str, journal: &Journal) -> Result<Option<Lineage>, JournalError> {
    let nothing = || JournalError::Nothing { run: run.to_owned() };
    let started = journal.started().ok_or_else(nothing)?;
    if started.undoes.is_some() {
        return Err(JournalError::Undo { run: run.to_owned() });
    }
    Ok(started.resumes.as_deref().cloned())
}

/// Builds the prior run from the journals of a chain, newest first.
fn prior_run(lineage: &[(String, Journal)], fold: Fold) -> Result<PriorRun, JournalError> {
    let (id, newest) = &lineage[0];
    let started = newest.started().ok_or_else(|| JournalError::Nothing { run: id.clone() })?;
    Ok(PriorRun {
        lineage: Lineage { run: id.clone(), sha256: newest.head.to_string() },
        runs: lineage.iter().map(|(run, journal)| called(run, journal)).collect(),
        done: newest.finished().is_some_and(|finished| finished.status == Status::Done),
        runbook: started.runbook.clone(),
        directory: started.directory.clone(),
        salt: started.salt.clone(),
        variables: started.variables.names().map(ToOwned::to_owned).collect(),
        seals: started.seals.clone(),
        selection: started.selection.as_deref().cloned().unwrap_or_default(),
        ships_to: started.ships_to.clone(),
        setting: started.setting.clone(),
        principals: principals(lineage),
        identities: identities(lineage),
        changes: fold.changes,
    })
}

/// Returns the name that a run recorded, whatever the name of its file.
fn called(run: &str, journal: &Journal) -> String {
    journal.started().map_or(run, |started| &started.run).to_owned()
}

/// Returns the principals that the tokens of a chain named, by the identities.
fn principals(lineage: &[(String, Journal)]) -> BTreeMap<String, Principal> {
    let mut principals: BTreeMap<String, Principal> = BTreeMap::new();
    for (_, journal) in lineage {
        for token in RunRecord::of(journal).tokens {
            let facts = token.principal.clone();
            match principals.get_mut(token.acts_as) {
                Some(principal) => principal.facts.merge(facts),
                None if facts.is_empty() => {}
                None => {
                    let principal = Principal { audience: token.audience.to_owned(), facts };
                    principals.insert(token.acts_as.to_owned(), principal);
                }
            }
        }
    }
    principals
}

/// Returns the declared identities of a chain, as the newest run evaluated each.
fn identities(lineage: &[(String, Journal)]) -> BTreeMap<String, RecordedIdentity> {
    let mut identities = BTreeMap::new();
    for (_, journal) in lineage.iter().rev() {
        for (address, facts) in RunRecord::of(journal).identities {
            let recorded =
                RecordedIdentity { kind: facts.kind.to_owned(), arguments: facts.arguments.clone() };
            identities.insert(address.to_owned(), recorded);
        }
    }
    identities
}
