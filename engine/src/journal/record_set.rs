//! Reads the records of several machines, which come from elsewhere.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::audit::{Reading, audit_all};
use super::compressed::{self, LONGEST_FOREIGN};
use super::directory::{RecordFile, is_record_name};
use super::signed::signed_record;
use super::{Audit, Journal, JournalError};
use crate::diagnostic::{did_you_mean, visible_line};

/// The maximum depth of directories in a set.
const DEEPEST: usize = 16;

/// The maximum number of files in a set.
const MOST: usize = 1_000_000;

/// The records of several machines: each directory below a path is that of a machine.
///
/// Somebody else wrote them. Links are not followed, and a record has at most 256 MiB. A name that cannot be read is
/// left out, so that whoever writes it does not hide the records of others.
#[derive(Debug)]
pub struct RecordSet {
    path: PathBuf,
    /// The machines with records, in the order of their names.
    pub machines: Vec<MachineRecords>,
    /// The names that were left out.
    pub left_out: Vec<LeftOut>,
}

/// A name that was left out of a set.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftOut {
    /// The name, which may have hidden characters.
    pub name: String,
    /// The reason, as a clause.
    pub why: String,
    /// True if records may be missing without it.
    pub may_be_record: bool,
}

/// The records of a machine.
#[derive(Debug)]
pub struct MachineRecords {
    /// The path of their directory, with `/` between its parts; `.` for the path of the set itself.
    pub name: String,
    files: Vec<RecordFile>,
    /// The names of the records whose signatures are there.
    signed: Vec<String>,
}

impl RecordSet {
    /// Finds the records below a directory.
    pub fn below(path: &Path) -> Result<Self, JournalError> {
        let mut walk = Walk { machines: Vec::new(), left_out: Vec::new(), count: 0 };
        walk.directory(path, "", 0).map_err(|source| JournalError::Read { path: path.to_owned(), source })?;
        let Walk { mut machines, mut left_out, .. } = walk;
        machines.sort_by(|a, b| a.name.cmp(&b.name));
        left_out.sort();
        Ok(Self { path: path.to_owned(), machines, left_out })
    }

    /// Returns the set of these records and signatures, each with the name of its machine; `path` stands for all of them.
    #[must_use]
    pub fn of(path: &Path, records: Vec<(String, PathBuf)>, mut left_out: Vec<LeftOut>) -> Self {
        let mut machines: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
        for (machine, file) in records {
            machines.entry(machine).or_default().push(file);
        }
        let machines = machines.into_iter().map(|(name, files)| MachineRecords::of(name, files)).collect();
        left_out.sort();
        Self { path: path.to_owned(), machines, left_out }
    }

    /// Checks all records, machine by machine; `head` is the digest that a run printed at its end, in hexadecimal.
    ///
    /// A record that one of them names may be in the directory of another one, as after a machine was renamed.
    #[must_use]
    pub fn audit(&self, head: Option<&str>) -> Vec<Audit> {
        let files: Vec<&[RecordFile]> =
            self.machines.iter().map(|machine| machine.files.as_slice()).collect();
        audit_all(&files, head, Reading { most: LONGEST_FOREIGN, is_written: false })
    }

    /// Finds the file of the run called `name`, or by a unique prefix of it.
    pub fn find(&self, name: &str) -> Result<PathBuf, JournalError> {
        let files = || self.machines.iter().flat_map(|machine| &machine.files);
        let found: Vec<&RecordFile> = files().filter(|file| file.id.starts_with(name)).collect();
        let missing = |hint| JournalError::Missing { name: name.to_owned(), path: self.path.clone(), hint };
        match found.as_slice() {
            [] => Err(missing(did_you_mean(name, files().map(|file| file.id.as_str())))),
            [one] => Ok(one.path.clone()),
            several => {
                let found = several.iter().map(|file| file.id.clone()).collect();
                Err(JournalError::Ambiguous { name: name.to_owned(), found })
            }
        }
    }
}

impl MachineRecords {
    /// Returns the records of a machine; of a record and its compressed copy the former.
    fn of(name: String, paths: Vec<PathBuf>) -> Self {
        let mut signed: Vec<String> = paths.iter().filter_map(|path| signed_record(path)).collect();
        signed.sort();
        let mut files: Vec<RecordFile> = paths.into_iter().filter_map(RecordFile::at).collect();
        files.sort();
        files.dedup_by(|later, file| later.id == file.id);
        let name = if name.is_empty() { ".".to_owned() } else { name };
        Self { name, files, signed }
    }

    /// Returns the names of the records whose signatures are there, in order.
    #[must_use]
    pub fn signed(&self) -> &[String] {
        &self.signed
    }

    /// Returns the file of the record of that name.
    #[must_use]
    pub fn file(&self, run: &str) -> Option<&Path> {
        let at = self.files.binary_search_by(|file| file.id.as_str().cmp(run)).ok()?;
        Some(&self.files[at].path)
    }

    /// Returns true if the record of that name is one of a removal of others.
    #[must_use]
    pub fn is_removal(&self, run: &str) -> bool {
        let at = self.files.binary_search_by(|file| file.id.as_str().cmp(run));
        at.is_ok_and(|at| self.files[at].is_prune())
    }

    /// Reads the record of that name; none if there is no such record of a run, or it cannot be read.
    #[must_use]
    pub fn read(&self, run: &str) -> Option<Journal> {
        let at = self.files.binary_search_by(|file| file.id.as_str().cmp(run)).ok()?;
        let file = &self.files[at];
        let bytes = compressed::read_at_most(&file.path, LONGEST_FOREIGN).ok()?;
        (!file.is_prune()).then(|| Journal::parse(&bytes))
    }
}

/// A search for records.
struct Walk {
    machines: Vec<MachineRecords>,
    left_out: Vec<LeftOut>,
    count: usize,
}

impl Walk {
    /// Finds the records of a directory and of those below it; fails if it cannot be read itself.
    fn directory(&mut self, path: &Path, name: &str, depth: usize) -> io::Result<()> {
        if depth > DEEPEST {
            return Err(io::Error::other("directories are nested too deeply"));
        }
        let mut files = Vec::new();
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            self.count += 1;
            if self.count > MOST {
                self.leave_out(name, &format!("there are more than {MOST} files"), true);
                break;
            }
            let inner = entry.file_name();
            let shown = inner.to_string_lossy();
            let is_plain = inner.to_str().is_some_and(|inner| visible_line(inner) == inner);
            let inner = if name.is_empty() { shown.into_owned() } else { format!("{name}/{shown}") };
            // The type is that of a link itself.
            let kind = entry.file_type()?;
            if !is_plain && (kind.is_dir() || kind.is_file()) {
                let may_be_record = kind.is_dir() || is_record_name(Path::new(&inner));
                self.leave_out(&inner, "its name has characters that nothing shows", may_be_record);
            } else if kind.is_dir() {
                if let Err(error) = self.directory(&entry.path(), &inner, depth + 1) {
                    self.leave_out(&inner, &format!("it cannot be read: {error}"), true);
                }
            } else if kind.is_file() {
                let path = entry.path();
                if is_record_name(&path) || signed_record(&path).is_some() {
                    files.push(path);
                }
            }
        }
        if !files.is_empty() {
            self.machines.push(MachineRecords::of(name.to_owned(), files));
        }
        Ok(())
    }

    fn leave_out(&mut self, name: &str, why: &str, may_be_record: bool) {
        self.left_out.push(LeftOut { name: name.to_owned(), why: why.to_owned(), may_be_record });
    }
}
