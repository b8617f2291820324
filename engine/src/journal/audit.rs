//! Checks all records of a directory, and finds those that others name and that are not there.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::ErrorKind;

use super::beginning::Beginning;
use super::directory::{RecordFile, misnamed, moment};
use super::{Digest, Directory, GENESIS, Head, Journal, JournalError, Verdict, compressed, prune_record};

/// The means to read the records of directories.
#[derive(Clone, Copy)]
pub(super) struct Reading {
    /// The maximum number of bytes of a record.
    pub most: u64,
    /// True if runs write here, so that a record without a line may be that of a run which has just begun.
    pub is_written: bool,
}

/// The state of a directory of records.
#[derive(Debug)]
pub struct Audit {
    /// The records, oldest first.
    pub records: Vec<Audited>,
    /// The records that others name and that are not there, in the order of their names.
    pub absent: Vec<Absent>,
    /// The ends that no other record names: the loss of these records would not be noticed.
    pub heads: Vec<Head>,
    /// The files whose names are those of records but that contain something else.
    pub ignored: Vec<String>,
    /// The record that has the given head; none without one.
    pub head: Option<HeadFound>,
}

/// The record of a run whose digest was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeadFound {
    /// The record with this name has it.
    Here(String),
    /// The removal with this name removed the record.
    Pruned(String),
    /// No record has it.
    Lost,
}

/// A record that was checked.
#[derive(Debug)]
pub struct Audited {
    /// The name of the record.
    pub run: String,
    /// The number of its intact lines.
    pub lines: usize,
    /// The digest of its last intact line.
    pub sha256: Option<Digest>,
    /// Its condition.
    pub condition: Condition,
}

/// The condition of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// It is intact, and the run has ended.
    Whole,
    /// It is intact, and the run has not ended: it is still running, or it was killed.
    Unfinished,
    /// It has no complete line: the run was killed before it wrote one, or somebody emptied the file.
    Empty,
    /// It was changed after it was written, for this reason.
    Altered(String),
    /// It cannot be read, for this reason.
    Unreadable(String),
}

impl Condition {
    /// Returns true if the record can be relied on.
    #[must_use]
    pub fn is_intact(&self) -> bool {
        matches!(self, Self::Whole | Self::Unfinished)
    }

    /// Returns true if the record was altered or cannot be read.
    #[must_use]
    pub fn is_wrong(&self) -> bool {
        matches!(self, Self::Altered(_) | Self::Unreadable(_))
    }
}

/// A record that others name and that is not there.
#[derive(Debug, PartialEq, Eq)]
pub struct Absent {
    /// The name of the record.
    pub run: String,
    /// The digests of its lines by which others name it, several if it grew meanwhile.
    pub named_by: Vec<NamedBy>,
    /// The record of the removal by `runs prune`; none if the record is missing.
    pub pruned_by: Option<String>,
}

/// The digest of a line by which a record is named.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NamedBy {
    /// The records that name it so.
    pub runs: Vec<String>,
    /// The digest.
    pub sha256: String,
}

impl Directory {
    /// Checks all records here; `head` is the digest that a run printed at its end, in hexadecimal.
    pub fn audit(&self, head: Option<&str>) -> Result<Audit, JournalError> {
        let files = self.files()?;
        let reading = Reading { most: compressed::LONGEST, is_written: true };
        let mut audits = audit_all(&[&files], head, reading);
        let absent =
            || JournalError::Read { path: self.path().to_owned(), source: ErrorKind::NotFound.into() };
        audits.pop().ok_or_else(absent)
    }
}

/// Checks the records of several directories, each by itself; a record that one of them names may be in another one.
///
/// A record is found by the digest of a line, which nobody can forge, wherever it is. A removal is believed only
/// within its own directory.
pub(super) fn audit_all(directories: &[&[RecordFile]], head: Option<&str>, reading: Reading) -> Vec<Audit> {
    let begun = directories.iter().map(|files| files.iter().map(|file| beginning(file, reading)).collect());
    let beginnings: Vec<Vec<Option<Beginning>>> = begun.collect();
    let each = || directories.iter().copied().zip(&beginnings);
    let named: Vec<Named> = each().map(|(files, beginnings)| Named::of(files, beginnings)).collect();
    let head = head.map(str::to_ascii_lowercase);
    let all: HashSet<String> = named.iter().flat_map(|named| named.0.keys().cloned()).collect();
    let mut found = Found::default();
    let mut checked: Vec<(Vec<Audited>, Vec<String>)> = Vec::new();
    for (at, (files, beginnings)) in each().enumerate() {
        let (mut records, mut ignored) = (Vec::new(), Vec::new());
        for (file, beginning) in files.iter().zip(beginnings) {
            match examine(file, beginning.as_ref(), reading, |sha256| {
                if all.contains(&sha256) || head.as_ref() == Some(&sha256) {
                    found.add(sha256, at, &file.id);
                }
            }) {
                Some(audited) => records.push(audited),
                None => ignored.push(file.id.clone()),
            }
        }
        checked.push((records, ignored));
    }
    let mut audits = Vec::new();
    for (at, (((files, beginnings), named), (mut records, ignored))) in
        each().zip(named).zip(checked).enumerate()
    {
        let pruned = Pruned::of(files, beginnings);
        let absent = named.absent(&pruned, (&found, at), &mut records);
        // After that, which finds altered records.
        let heads = heads(&records, &all);
        let head = head.as_ref().map(|head| match found.run(head, at) {
            Some(run) => HeadFound::Here(run.to_owned()),
            None => pruned.by("", head).map_or(HeadFound::Lost, HeadFound::Pruned),
        });
        audits.push(Audit { records, absent, heads, ignored, head });
    }
    audits
}

/// The wanted digests that are the digest of an intact line, each with the directories and the records that have it.
#[derive(Default)]
struct Found(HashMap<String, Vec<(usize, String)>>);

impl Found {
    fn add(&mut self, sha256: String, at: usize, run: &str) {
        let places = self.0.entry(sha256).or_default();
        // The first record of a directory counts.
        if places.last().is_none_or(|(last, _)| *last != at) {
            places.push((at, run.to_owned()));
        }
    }

    fn is_anywhere(&self, sha256: &str) -> bool {
        self.0.contains_key(sha256)
    }

    /// Returns the record of the directory at `at` that has the digest.
    fn run(&self, sha256: &str, at: usize) -> Option<&str> {
        let (_, run) = self.0.get(sha256)?.iter().find(|(place, _)| *place == at)?;
        Some(run)
    }
}

impl Audit {
    /// Returns the records that are missing, and were not removed by `runs prune`.
    pub fn missing(&self) -> impl Iterator<Item = &Absent> {
        self.absent.iter().filter(|absent| absent.pruned_by.is_none())
    }

    /// Returns the records that `runs prune` removed, as far as others name them.
    pub fn pruned(&self) -> impl Iterator<Item = &Absent> {
        self.absent.iter().filter(|absent| absent.pruned_by.is_some())
    }
}

fn beginning(file: &RecordFile, reading: Reading) -> Option<Beginning> {
    Beginning::parse(&compressed::read_first_line_at_most(&file.path, reading.most).ok()?)
}

/// The names by which records refer to others: the digest of a line, with the name of its record, and the
/// records that name it.
struct Named(BTreeMap<String, (String, Vec<String>)>);

impl Named {
    fn of(files: &[RecordFile], beginnings: &[Option<Beginning>]) -> Self {
        let mut named: BTreeMap<String, (String, Vec<String>)> = BTreeMap::new();
        for (file, beginning) in files.iter().zip(beginnings) {
            for (run, sha256) in beginning.iter().flat_map(Beginning::names) {
                let (_, by) = named.entry(sha256.to_owned()).or_insert_with(|| (run.to_owned(), Vec::new()));
                // A run may name the run that it resumes twice.
                if by.last() != Some(&file.id) {
                    by.push(file.id.clone());
                }
            }
        }
        Self(named)
    }

    /// Returns the named records that are not there. One that is there without the named line was altered.
    fn absent(self, pruned: &Pruned, (found, at): (&Found, usize), records: &mut [Audited]) -> Vec<Absent> {
        // The file of a record may have another name, and is known by another line.
        let renamed =
            self.0.iter().filter_map(|(sha256, (run, _))| Some((run.clone(), found.run(sha256, at)?)));
        let renamed: HashMap<String, &str> = renamed.collect();
        let mut absent: BTreeMap<String, Absent> = BTreeMap::new();
        for (sha256, (run, by)) in self.0 {
            if found.is_anywhere(&sha256) {
                continue;
            }
            let file = renamed.get(&run).copied().unwrap_or(&run);
            match records.iter_mut().find(|record| record.run == *file) {
                Some(record) if !record.condition.is_wrong() => {
                    let reason =
                        format!("no line of it has the digest {sha256}, by which {} names it", by[0]);
                    record.condition = Condition::Altered(reason);
                }
                Some(_) => {}
                None => {
                    let pruned_by = pruned.by(&run, &sha256);
                    let new = || Absent { run: run.clone(), named_by: Vec::new(), pruned_by: None };
                    let one = absent.entry(run.clone()).or_insert_with(new);
                    one.pruned_by = one.pruned_by.take().or(pruned_by);
                    one.named_by.push(NamedBy { runs: by, sha256 });
                    one.named_by.sort();
                }
            }
        }
        absent.into_values().collect()
    }
}

/// The records that were removed, by their names and by the digests of their ends, with the record of the
/// removal.
struct Pruned<'a>(HashMap<&'a str, &'a str>);

impl<'a> Pruned<'a> {
    fn of(files: &'a [RecordFile], beginnings: &'a [Option<Beginning>]) -> Self {
        let begun = files.iter().zip(beginnings);
        let lists = begun.filter_map(|(file, beginning)| Some((&file.id, &beginning.as_ref()?.removes)));
        let removed = lists.flat_map(|(prune, removes)| removes.iter().map(move |removed| (prune, removed)));
        let names = removed.flat_map(|(prune, removed)| {
            let names = [Some(removed.run.as_str()), removed.sha256.as_deref()];
            names.into_iter().flatten().map(move |name| (name, prune.as_str()))
        });
        Self(names.collect())
    }

    /// Returns the record of the removal. A record that was named while it grew is known by its name alone.
    fn by(&self, run: &str, sha256: &str) -> Option<String> {
        self.0.get(sha256).or_else(|| self.0.get(run)).map(|prune| (*prune).to_owned())
    }
}

/// Checks a record, and passes on the digests of its intact lines; none if the file is no record.
fn examine(
    file: &RecordFile,
    beginning: Option<&Beginning>,
    reading: Reading,
    mut intact: impl FnMut(String),
) -> Option<Audited> {
    let run = file.id.clone();
    let bytes = match compressed::read_at_most(&file.path, reading.most) {
        Ok(bytes) => bytes,
        Err(error) => {
            let condition = Condition::Unreadable(error.to_string());
            return Some(Audited { run, lines: 0, sha256: None, condition });
        }
    };
    let (lines, condition) = if file.is_prune() { removal(&bytes) } else { journal(&bytes) };
    if beginning.is_none() && moment(&run).is_none() && !bytes.is_empty() {
        return None;
    }
    let condition = match condition {
        condition if condition.is_wrong() => condition,
        _ if lines == 0 => without_line(&bytes, reading),
        condition => match beginning.map(|beginning| misnamed(&file.path, &beginning.run)) {
            Some(None) => condition,
            Some(Some(reason)) => Condition::Altered(reason),
            None => Condition::Altered(NO_BEGINNING.to_owned()),
        },
    };
    let mut sha256 = None;
    for line in bytes.split(|&byte| byte == b'\n').take(lines) {
        let digest = Digest::of(line);
        intact(digest.to_string());
        sha256 = Some(digest);
    }
    Some(Audited { run, lines, sha256, condition })
}

const NO_BEGINNING: &str = "it does not begin as a record does";

/// Returns the condition of a record without a complete line: a crash leaves nothing, or a part of the first line. No
/// such record leaves the machine.
fn without_line(bytes: &[u8], reading: Reading) -> Condition {
    let start = format!("{{\"prev\":\"{GENESIS}\"");
    let length = start.len().min(bytes.len());
    if start.as_bytes()[..length] != bytes[..length] {
        Condition::Altered(NO_BEGINNING.to_owned())
    } else if reading.is_written {
        Condition::Empty
    } else {
        Condition::Unreadable("it has no complete line".to_owned())
    }
}

/// Checks the record of a run; returns the number of its intact lines.
fn journal(bytes: &[u8]) -> (usize, Condition) {
    let journal = Journal::parse(bytes);
    let condition = match journal.verdict {
        Verdict::Complete => Condition::Whole,
        Verdict::Unfinished | Verdict::Torn => Condition::Unfinished,
        Verdict::Broken { line, reason } => Condition::Altered(format!("line {line}: {reason}")),
        Verdict::Unreadable { line, reason } => Condition::Unreadable(format!("line {line}: {reason}")),
    };
    (journal.lines.len(), condition)
}

/// Checks the record of a removal; returns the number of its intact lines.
fn removal(bytes: &[u8]) -> (usize, Condition) {
    match prune_record::check(bytes) {
        Ok((lines, true)) => (lines, Condition::Whole),
        Ok((lines, false)) => (lines, Condition::Unfinished),
        Err((line, reason)) => (line - 1, Condition::Altered(format!("line {line}: {reason}"))),
    }
}

/// Returns the ends of the intact records that no record names.
fn heads(records: &[Audited], named: &HashSet<String>) -> Vec<Head> {
    let ends = records.iter().filter(|record| record.condition.is_intact());
    let heads = ends.filter_map(|record| {
        let sha256 = record.sha256?.to_string();
        let unfinished = record.condition == Condition::Unfinished;
        (!named.contains(&sha256)).then(|| Head { run: record.run.clone(), sha256, unfinished })
    });
    heads.collect()
}
