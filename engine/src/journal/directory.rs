//! Manages the directory of journals.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use arcbook_os::lock::FileLock;
use arcbook_os::{durable, private};
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Duration, OffsetDateTime, PrimitiveDateTime};
use uuid::Uuid;

use super::compressed::COMPRESSED;
use super::{Journal, JournalError, Storage, Writer};
use crate::diagnostic::did_you_mean;
use crate::redact::Secrets;

/// The file extension of a journal.
const ENDING: &str = ".jsonl";

/// The end of the name of a record that says which records were removed; the file extension follows it.
pub(super) const PRUNE: &str = ".prune";

/// A directory of journals, one file per run, named by the run.
#[derive(Clone, Debug)]
pub struct Directory(PathBuf);

/// A file in a directory of records.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RecordFile {
    /// The name of the record, without the file extension.
    pub id: String,
    /// The path of the file.
    pub path: PathBuf,
}

impl RecordFile {
    /// Returns the file at `path`, if its name is that of a record.
    pub fn at(path: PathBuf) -> Option<Self> {
        let name = path.file_name()?.to_str()?;
        let id = name.strip_suffix(COMPRESSED).unwrap_or(name).strip_suffix(ENDING)?.to_owned();
        Some(Self { id, path })
    }

    /// Returns true if the file says which records were removed.
    pub fn is_prune(&self) -> bool {
        self.id.ends_with(PRUNE)
    }
}

/// A run in the list of runs.
#[derive(Clone, Debug)]
pub struct RunFacts {
    /// The name of the run.
    pub id: String,
    /// The journal, or the reason why it cannot be read.
    pub journal: Result<Journal, String>,
}

impl Directory {
    /// Returns the directory at `path`, which need not exist yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Returns the path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Reads the journal of the run with that name.
    pub(super) fn read(&self, id: &str) -> Result<Journal, JournalError> {
        Journal::read(&self.file(id))
    }

    /// Reads the first line of the journal of the run with that name.
    pub(super) fn beginning(&self, id: &str) -> Result<Journal, JournalError> {
        Journal::read_beginning(&self.file(id))
    }

    /// Begins the journal of a new run; returns the name of the run and the journal's writer.
    ///
    /// The directory and the file are accessible only to the user.
    pub fn begin(&self, secrets: &Secrets) -> Result<(String, Writer), JournalError> {
        self.begin_through(secrets, |file| file)
    }

    /// Begins a journal as [`begin`](Self::begin) does, with its storage wrapped by `wrap`, for tests.
    pub fn begin_through<S: Storage>(
        &self,
        secrets: &Secrets,
        wrap: impl FnOnce(NewFile) -> S,
    ) -> Result<(String, Writer), JournalError> {
        let id = self.next_id();
        let path = self.path_of(&id);
        let create = || -> io::Result<NewFile> {
            private::create_directory(&self.0)?;
            let (file, lock) = new_file(&path)?;
            Ok(NewFile { file, directory: Some(durable::Directory::open(&self.0)?), _lock: lock })
        };
        let file = create().map_err(|source| JournalError::Create { path: self.0.clone(), source })?;
        let heads = self.heads(|other| other == id);
        Ok((id, Writer::after(heads, wrap(file), secrets.clone())))
    }

    /// Returns a name for the record of a removal.
    pub(super) fn next_prune_id(&self) -> String {
        format!("{}{PRUNE}", self.next_id())
    }

    /// Returns a name for a new run, from the current time, or from a millisecond after the newest run if the
    /// clock has gone back.
    fn next_id(&self) -> String {
        let newest = self.files().unwrap_or_default().iter().filter_map(|file| moment(&file.id)).max();
        let after = newest.and_then(|newest| newest.checked_add(Duration::milliseconds(1)));
        let now = OffsetDateTime::now_utc();
        new_id(after.map_or(now, |after| after.max(now)))
    }

    /// Returns the names of all runs, oldest first.
    pub fn ids(&self) -> Result<Vec<String>, JournalError> {
        let runs = self.files()?.into_iter().filter(|file| !file.is_prune());
        Ok(runs.map(|file| file.id).collect())
    }

    /// Returns the names of the records of removals, oldest first.
    fn prune_ids(&self) -> Result<Vec<String>, JournalError> {
        let removals = self.files()?.into_iter().filter(RecordFile::is_prune);
        Ok(removals.map(|file| file.id).collect())
    }

    /// Returns the files of all records, oldest first; of a record and its compressed copy the former.
    pub(super) fn files(&self) -> Result<Vec<RecordFile>, JournalError> {
        let entries = match fs::read_dir(&self.0) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(JournalError::Read { path: self.0.clone(), source }),
        };
        let mut files: Vec<_> = entries.flatten().filter_map(|entry| RecordFile::at(entry.path())).collect();
        files.sort();
        files.dedup_by(|later, file| later.id == file.id);
        Ok(files)
    }

    /// Returns all runs, oldest first.
    pub fn runs(&self) -> Result<Vec<RunFacts>, JournalError> {
        let facts = |id: String| {
            let journal = self.read(&id).map_err(|error| error.to_string());
            RunFacts { id, journal }
        };
        Ok(self.ids()?.into_iter().map(facts).collect())
    }

    /// Finds the journal file of a run by `name`: its full name, a unique prefix, `latest`, or a path;
    /// or that of a removal by its full name or its path.
    pub fn find(&self, name: &str) -> Result<PathBuf, JournalError> {
        if RecordFile::at(name.into()).is_some() && Path::new(name).is_file() {
            return Ok(name.into());
        }
        let ids = if name.ends_with(PRUNE) { self.prune_ids() } else { self.ids() }?;
        if ids.is_empty() && !name.ends_with(PRUNE) {
            return Err(self.no_records());
        }
        let missing = |hint| JournalError::Missing { name: name.to_owned(), path: self.0.clone(), hint };
        if name == "latest" {
            return ids.last().map(|id| self.file(id)).ok_or_else(|| missing(None));
        }
        let found: Vec<String> = ids.iter().filter(|id| id.starts_with(name)).cloned().collect();
        match found.as_slice() {
            [] => Err(missing(did_you_mean(name, ids.iter().map(String::as_str).chain(["latest"])))),
            [one] => Ok(self.file(one)),
            _ => Err(JournalError::Ambiguous { name: name.to_owned(), found }),
        }
    }

    /// Returns the error for a directory without a record of a run.
    #[must_use]
    pub fn no_records(&self) -> JournalError {
        JournalError::NoRecords { path: self.0.clone(), exists: self.exists() }
    }

    /// Returns true if the directory exists.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.0.is_dir()
    }

    /// Returns the path of the journal of the run with that name, or of its compressed form if only that
    /// exists.
    #[must_use]
    pub fn file(&self, id: &str) -> PathBuf {
        let plain = self.path_of(id);
        let compressed = self.0.join(format!("{id}{ENDING}{COMPRESSED}"));
        if !plain.exists() && compressed.exists() { compressed } else { plain }
    }

    /// Returns the path of a journal that is not compressed.
    pub(super) fn path_of(&self, id: &str) -> PathBuf {
        self.0.join(format!("{id}{ENDING}"))
    }
}

/// Returns true if the name of a file is that of a record, compressed or not.
#[must_use]
pub fn is_record_name(path: &Path) -> bool {
    RecordFile::at(path.to_owned()).is_some()
}

/// Returns the reason why the file at `path`, which has the name of one record, may not hold that of `run`; none if it may,
/// as a copy with a name of its own does.
#[must_use]
pub fn misnamed(path: &Path, run: &str) -> Option<String> {
    let file = id_at(path);
    let is_other = moment(&file).is_some() && file != run;
    is_other.then(|| format!("it is the record of {run}"))
}

/// Returns the name of the run whose record is at `path`.
pub(super) fn id_at(path: &Path) -> String {
    RecordFile::at(path.to_owned()).map_or_else(String::new, |file| file.id)
}

/// A file that has just been opened, and may be new.
pub struct NewFile {
    pub(super) file: fs::File,
    /// The directory, until it is synced: a new file survives a crash only after that.
    pub(super) directory: Option<durable::Directory>,
    /// The lock of its writer, if it is a record.
    pub(super) _lock: Option<FileLock>,
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Storage for NewFile {
    fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()?;
        if let Some(directory) = &self.directory {
            directory.sync()?;
        }
        self.directory = None;
        Ok(())
    }
}

/// The format of the UTC time in the name of a run.
const MOMENT: &[BorrowedFormatItem<'_>] =
    format_description!("[year][month][day]-[hour][minute][second].[subsecond digits:3]");

/// The length of the time in the name of a run.
const MOMENT_LENGTH: usize = "20261122-101500.123".len();

/// Returns a unique name that sorts by time: `20261122-101500.123-1a2b3c`.
fn new_id(at: OffsetDateTime) -> String {
    let at = at.format(MOMENT).unwrap_or_default();
    let unique = Uuid::new_v4().simple().to_string();
    format!("{at}-{}", &unique[..6])
}

/// Returns the time in the name of a run; none for a foreign name.
pub(super) fn moment(id: &str) -> Option<OffsetDateTime> {
    let at = PrimitiveDateTime::parse(id.get(..MOMENT_LENGTH)?, MOMENT).ok()?;
    Some(at.assume_utc())
}

/// Creates a file for a record, accessible only to the user, and locks it as its writer.
///
/// The lock tells others that the record is still written. A file system may have no locks.
pub(super) fn new_file(path: &Path) -> io::Result<(fs::File, Option<FileLock>)> {
    let options = private::Options { create_new: true, append: true, ..private::Options::default() };
    let file = options.open(path)?;
    let lock = FileLock::acquire(&file).ok();
    Ok((file, lock))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_run_is_named_after_all_others_whatever_the_clock_says() {
        let cases = [
            (&["29991231-235959.999-ffffff"][..], "30000101-000000.000-"),
            (&["29991231-235959.998-000000", "29991231-235958.000-000000"], "29991231-235959.999-"),
            // No time follows the first name; names of another form are ignored.
            (&["99991231-235959.999-ffffff"], "2"),
            (&["30001340-000000.000-ffffff", "ünïcödé-names-are-names-too", "zzz", ""], "2"),
        ];
        for (there, begins) in cases {
            let temporary = tempfile::tempdir().expect("a directory");
            for name in there {
                fs::write(temporary.path().join(format!("{name}{ENDING}")), "").expect("written");
            }
            let (id, _) = Directory::new(temporary.path()).begin(&Secrets::default()).expect("begun");
            assert!(id.starts_with(begins), "{there:?}: {id}");
        }
    }
}
