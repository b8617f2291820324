//! Reads the records of several machines, which come from elsewhere.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::audit::audit_all;
use super::compressed::{self, LONGEST_FOREIGN};
use super::directory::RecordFile;
use super::{Audit, Journal, JournalError};
use crate::diagnostic::did_you_mean;

/// The maximum depth of directories in a set.
const DEEPEST: usize = 16;

/// The maximum number of files in a set.
const MOST: usize = 1_000_000;

/// The records of several machines: each directory below a path is that of a machine.
///
/// Somebody else wrote them. Links are not followed, and a record has at most 256 MiB.
#[derive(Debug)]
pub struct RecordSet {
    path: PathBuf,
    /// The machines with records, in the order of their names.
    pub machines: Vec<MachineRecords>,
}

/// The records of a machine.
#[derive(Debug)]
pub struct MachineRecords {
    /// The path of their directory, with `/` between its parts; `.` for the path of the set itself.
    pub name: String,
    files: Vec<RecordFile>,
}

impl RecordSet {
    /// Finds the records below a directory.
    pub fn below(path: &Path) -> Result<Self, JournalError> {
        let mut walk = Walk { machines: Vec::new(), count: 0 };
        walk.directory(path, "", 0).map_err(|(path, source)| JournalError::Read { path, source })?;
        walk.machines.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Self { path: path.to_owned(), machines: walk.machines })
    }

    /// Checks all records, machine by machine; `head` is the digest that a run printed at its end, in hexadecimal.
    ///
    /// A record that one of them names may be in the directory of another one, as after a machine was renamed.
    #[must_use]
    pub fn audit(&self, head: Option<&str>) -> Vec<Audit> {
        let files: Vec<&[RecordFile]> =
            self.machines.iter().map(|machine| machine.files.as_slice()).collect();
        audit_all(&files, head, LONGEST_FOREIGN)
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
    count: usize,
}

impl Walk {
    fn directory(&mut self, path: &Path, name: &str, depth: usize) -> Result<(), (PathBuf, io::Error)> {
        let failed = |source: io::Error| (path.to_owned(), source);
        if depth > DEEPEST {
            return Err(failed(io::Error::other("directories are nested too deeply")));
        }
        let mut files = Vec::new();
        for entry in fs::read_dir(path).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            self.count += 1;
            if self.count > MOST {
                return Err(failed(io::Error::other(format!("there are more than {MOST} files"))));
            }
            // The type is that of a link itself.
            let kind = entry.file_type().map_err(failed)?;
            if kind.is_dir() {
                let inner = entry.file_name();
                let inner = inner.to_string_lossy();
                let inner = if name.is_empty() { inner.into_owned() } else { format!("{name}/{inner}") };
                self.directory(&entry.path(), &inner, depth + 1)?;
            } else if kind.is_file() {
                files.extend(RecordFile::at(entry.path()));
            }
        }
        files.sort();
        files.dedup_by(|later, file| later.id == file.id);
        if !files.is_empty() {
            let name = if name.is_empty() { ".".to_owned() } else { name.to_owned() };
            self.machines.push(MachineRecords { name, files });
        }
        Ok(())
    }
}
