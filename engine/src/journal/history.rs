//! What a run and those before it did, from their records.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::{Directory, Journal, JournalError, Verdict};
use crate::run::{Deed, DeedOutcome, Lineage, Past};
use crate::step::{Before, Change};

/// What the record of a run tells, and the records of the runs that it resumed.
#[derive(Debug)]
pub struct History {
    /// What they did to the world.
    pub past: Past,
    /// The names of these runs, the newest first.
    pub runs: Vec<String>,
    /// The run that went on from the newest of these, if one did.
    pub resumed_by: Option<String>,
    /// The runs that took back what they created, oldest first.
    pub undone_by: Vec<String>,
    /// The steps whose change was taken back.
    pub undone: BTreeSet<String>,
}

impl History {
    /// The history of the run that `name` means; `latest` is the newest that did something, of any runbook or of the one
    /// with that name and directory.
    ///
    /// A record that is cut off at its end is good, since that is how a crash leaves it. One that was changed is not.
    pub fn read(
        directory: &Directory,
        name: &str,
        runbook: Option<(&str, &str)>,
    ) -> Result<Self, JournalError> {
        let lineage = lineage(directory, name, runbook)?;
        let (id, journal) = &lineage[0];
        let newest = Facts::of(id, journal)?;
        let mut deeds = Deeds::default();
        for (run, journal) in lineage.iter().rev() {
            deeds.read(run, journal);
        }
        let facts = Lineage { run: id.clone(), sha256: journal.head.to_string() };
        let mut history = Self {
            past: newest.past(facts, deeds.all),
            runs: lineage.into_iter().map(|(run, _)| run).collect(),
            resumed_by: None,
            undone_by: Vec::new(),
            undone: BTreeSet::new(),
        };
        history.read_later(directory)?;
        Ok(history)
    }

    /// Looks for the runs that took these back or went on from them: they can only be newer than the oldest of these.
    fn read_later(&mut self, directory: &Directory) -> Result<(), JournalError> {
        let oldest = self.runs.last().cloned().unwrap_or_default();
        for id in directory.ids()?.into_iter().filter(|id| *id > oldest) {
            let Ok(journal) = directory.read(&id) else { continue };
            let Some(started) = journal.event("run_started") else { continue };
            if started["resumes"]["run"] == *self.runs[0] {
                self.resumed_by = Some(id);
                continue;
            }
            if !self.runs.iter().any(|own| started["undoes"]["run"] == **own) {
                continue;
            }
            let done = journal.records.iter().filter(|record| record["event"] == "step_finished");
            self.undone.extend(done.map(|record| text(record, "step")));
            self.undone_by.push(id);
        }
        Ok(())
    }
}

/// The records of a run that did something and of those that it resumed, with their names, the newest first.
pub(super) fn lineage(
    directory: &Directory,
    name: &str,
    runbook: Option<(&str, &str)>,
) -> Result<Vec<(String, Journal)>, JournalError> {
    let (id, journal) = begun(directory, name, runbook)?;
    let mut resumed = Facts::of(&id, &journal)?.resumes;
    let mut all = vec![(id, journal)];
    while let Some(Lineage { run, sha256 }) = resumed {
        let (_, journal) = begun(directory, &run, None)?;
        if journal.head.to_string() != sha256 {
            let reason = format!("it is not the record that {} went on from", all[all.len() - 1].0);
            return Err(JournalError::Broken { run, reason });
        }
        resumed = Facts::of(&run, &journal)?.resumes;
        all.push((run, journal));
    }
    Ok(all)
}

/// The record of a run that did something, with the name of the run.
fn begun(
    directory: &Directory,
    name: &str,
    runbook: Option<(&str, &str)>,
) -> Result<(String, Journal), JournalError> {
    if name == "latest" {
        // A run that was killed before its beginning was on the disk changed nothing, and one that takes back another
        // is not what anyone would go on from.
        for id in directory.ids()?.into_iter().rev() {
            let journal = directory.read(&id)?;
            let Some(started) = journal.event("run_started").filter(|event| event["undoes"].is_null()) else {
                continue;
            };
            if runbook.is_none_or(|(name, place)| started["runbook"] == name && started["directory"] == place)
            {
                return whole(id, journal);
            }
        }
        return Err(JournalError::Missing { name: name.to_owned(), path: directory.path().to_owned() });
    }
    let path = directory.find(name)?;
    let id = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    whole(id, Journal::read(&path)?)
}

fn whole(run: String, journal: Journal) -> Result<(String, Journal), JournalError> {
    match &journal.verdict {
        Verdict::Broken { line, reason } => {
            Err(JournalError::Broken { reason: format!("line {line}: {reason}"), run })
        }
        Verdict::Complete | Verdict::Unfinished | Verdict::Torn => Ok((run, journal)),
    }
}

/// How a run began.
struct Facts {
    started: Json,
    resumes: Option<Lineage>,
}

impl Facts {
    fn of(run: &str, journal: &Journal) -> Result<Self, JournalError> {
        let nothing = || JournalError::Nothing { run: run.to_owned() };
        let started = journal.event("run_started").ok_or_else(nothing)?;
        if !started["undoes"].is_null() {
            return Err(JournalError::Undo { run: run.to_owned() });
        }
        let resumes = serde_json::from_value(started["resumes"].clone()).ok();
        Ok(Self { started: started.clone(), resumes })
    }

    fn past(&self, lineage: Lineage, deeds: BTreeMap<String, Deed>) -> Past {
        Past {
            lineage,
            runbook: text(&self.started, "runbook"),
            directory: text(&self.started, "directory"),
            variables: self.started["variables"].clone(),
            salt: text(&self.started, "salt"),
            seals: serde_json::from_value(self.started["seals"].clone()).unwrap_or_default(),
            selection: serde_json::from_value(self.started["selection"].clone()).unwrap_or_default(),
            deeds,
        }
    }
}

/// What was done so far, read record by record.
#[derive(Default)]
struct Deeds {
    all: BTreeMap<String, Deed>,
    /// The changes that were made before the step was to make them again.
    standing: BTreeMap<String, Deed>,
    /// How many changes were made.
    made: usize,
}

impl Deeds {
    fn read(&mut self, run: &str, journal: &Journal) {
        let mut types = BTreeMap::new();
        // The changes that this run itself began.
        let mut own = BTreeSet::new();
        for record in &journal.records {
            let step = text(record, "step");
            match record["event"].as_str().unwrap_or_default() {
                "step_started" => drop(types.insert(step, text(record, "type"))),
                "change_intended" => {
                    own.insert(step.clone());
                    let deed = Deed {
                        run: run.to_owned(),
                        step_type: types.get(&step).cloned().unwrap_or_default(),
                        definition: text(record, "definition"),
                        before: serde_json::from_value(record["before"].clone()).unwrap_or(Before::Unknown),
                        outcome: None,
                    };
                    let earlier = self.all.insert(step.clone(), deed);
                    self.standing
                        .extend(earlier.filter(|deed| deed.outcome.is_some()).map(|deed| (step, deed)));
                }
                "step_finished" => self.made(&step, run, record),
                "step_failed" if !record["change"].is_null() => self.made(&step, run, record),
                "step_failed" if record["uncertain"] != true && own.contains(&step) => {
                    self.all.remove(&step);
                    let standing = self.standing.remove(&step);
                    self.all.extend(standing.map(|deed| (step, deed)));
                }
                _ => {}
            }
        }
    }

    /// Notes that a change was made. What was created before the step made it again stays created.
    fn made(&mut self, step: &str, run: &str, record: &Json) {
        let standing = self.standing.remove(step).and_then(|deed| deed.outcome);
        let Some(deed) = self.all.get_mut(step) else { return };
        let Ok(change) = serde_json::from_value(record["change"].clone()) else { return };
        let good = record["event"] == "step_finished";
        let mut made = DeedOutcome { change, outputs: record["outputs"].clone(), at: self.made + 1, good };
        if let Some(known) = &deed.outcome {
            // It was looked at again, and left as it is.
            (made.change, made.at) = (known.change, known.at);
        } else {
            run.clone_into(&mut deed.run);
            let earlier = standing.map(|outcome| outcome.change);
            made.change = earlier.filter(|change| *change != Change::None).unwrap_or(made.change);
        }
        self.made = self.made.max(made.at);
        deed.outcome = Some(made);
    }
}

fn text(record: &Json, name: &str) -> String {
    record[name].as_str().unwrap_or_default().to_owned()
}
