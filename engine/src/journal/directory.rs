//! Where the journals of all runs lie.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Duration, OffsetDateTime, PrimitiveDateTime};
use uuid::Uuid;

use super::{Journal, JournalError, Storage, Writer};
use crate::redact::Secrets;

/// The ending of a journal's file.
const ENDING: &str = ".jsonl";

/// A directory of journals, one file a run, named by the run.
#[derive(Clone, Debug)]
pub struct Directory(PathBuf);

/// What the list of runs says of one.
#[derive(Clone, Debug)]
pub struct RunFacts {
    /// The name of the run.
    pub id: String,
    /// Its journal, or why it cannot be read.
    pub journal: Result<Journal, String>,
}

impl Directory {
    /// The directory at `path`, which need not be there yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Makes the directory, for the user alone, unless it is there.
    fn make(&self) -> io::Result<()> {
        private_directory(&self.0)
    }

    /// The journal of the run with that name.
    pub(super) fn read(&self, id: &str) -> Result<Journal, JournalError> {
        Journal::read(&self.file(id))
    }

    /// The first line of the journal of the run with that name.
    pub(super) fn beginning(&self, id: &str) -> Result<Journal, JournalError> {
        Journal::read_beginning(&self.file(id))
    }

    /// Whether there is more in the record of the run with that name than its name: whether it can be gone on from.
    #[must_use]
    pub fn has_begun(&self, id: &str) -> bool {
        self.read(id).is_ok_and(|journal| journal.event("run_started").is_some())
    }

    /// Begins the journal of a new run; gives the name of the run and where to write.
    ///
    /// Directory and file are for the user alone.
    pub fn begin(&self, secrets: &Secrets) -> Result<(String, Writer), JournalError> {
        self.begin_through(secrets, |file| file)
    }

    /// As [`begin`](Self::begin), with what is written going through `wrap`, for tests.
    pub fn begin_through<S: Storage>(
        &self,
        secrets: &Secrets,
        wrap: impl FnOnce(NewFile) -> S,
    ) -> Result<(String, Writer), JournalError> {
        let id = self.next_id();
        let path = self.0.join(format!("{id}{ENDING}"));
        let create = || -> io::Result<NewFile> {
            self.make()?;
            let file = private_file(&path)?;
            Ok(NewFile { file, directory: Some(fs::File::open(&self.0)?) })
        };
        let file = create().map_err(|source| JournalError::Create { path: self.0.clone(), source })?;
        Ok((id, Writer::new(wrap(file), secrets.clone())))
    }

    /// A name for a new run: that of this moment, or a millisecond after the newest one where the clock has gone back.
    fn next_id(&self) -> String {
        let newest = self.ids().unwrap_or_default().iter().filter_map(|id| moment(id)).max();
        let after = newest.and_then(|newest| newest.checked_add(Duration::milliseconds(1)));
        let now = OffsetDateTime::now_utc();
        new_id(after.map_or(now, |after| after.max(now)))
    }

    /// The names of all runs, oldest first.
    pub fn ids(&self) -> Result<Vec<String>, JournalError> {
        let entries = match fs::read_dir(&self.0) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(JournalError::Read { path: self.0.clone(), source }),
        };
        let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
        let mut ids: Vec<String> =
            names.filter_map(|name| name.strip_suffix(ENDING).map(ToOwned::to_owned)).collect();
        ids.sort();
        Ok(ids)
    }

    /// All runs, oldest first.
    pub fn runs(&self) -> Result<Vec<RunFacts>, JournalError> {
        let facts = |id: String| {
            let journal = self.read(&id).map_err(|error| error.to_string());
            RunFacts { id, journal }
        };
        Ok(self.ids()?.into_iter().map(facts).collect())
    }

    /// The file of the run that `name` means: its whole name, the beginning of just one, `latest`, or a path.
    pub fn find(&self, name: &str) -> Result<PathBuf, JournalError> {
        if name.ends_with(ENDING) && Path::new(name).is_file() {
            return Ok(name.into());
        }
        let ids = self.ids()?;
        let missing = || JournalError::Missing { name: name.to_owned(), path: self.0.clone() };
        if name == "latest" {
            return ids.last().map(|id| self.file(id)).ok_or_else(missing);
        }
        let found: Vec<String> = ids.into_iter().filter(|id| id.starts_with(name)).collect();
        match found.as_slice() {
            [] => Err(missing()),
            [one] => Ok(self.file(one)),
            _ => Err(JournalError::Ambiguous { name: name.to_owned(), found }),
        }
    }

    /// Where the journal of the run with that name lies.
    #[must_use]
    pub fn file(&self, id: &str) -> PathBuf {
        self.0.join(format!("{id}{ENDING}"))
    }
}

/// The file of a journal that was just begun.
pub struct NewFile {
    file: fs::File,
    /// The directory until it is on the disk: a new name survives a crash only when that is there too.
    directory: Option<fs::File>,
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
            directory.sync_all()?;
        }
        self.directory = None;
        Ok(())
    }
}

/// How the moment is written in the name of a run, in UTC.
const MOMENT: &[BorrowedFormatItem<'_>] =
    format_description!("[year][month][day]-[hour][minute][second].[subsecond digits:3]");

/// How long that is.
const MOMENT_LENGTH: usize = "20261122-101500.123".len();

/// A name that sorts by time and that no other run has: `20261122-101500.123-1a2b3c`.
fn new_id(at: OffsetDateTime) -> String {
    let at = at.format(MOMENT).unwrap_or_default();
    let unique = Uuid::new_v4().simple().to_string();
    format!("{at}-{}", &unique[..6])
}

/// The moment in the name of a run, unless somebody else gave it that name.
fn moment(id: &str) -> Option<OffsetDateTime> {
    let at = PrimitiveDateTime::parse(id.get(..MOMENT_LENGTH)?, MOMENT).ok()?;
    Some(at.assume_utc())
}

/// Makes a directory and those above it, for the user alone where they are not there yet.
#[cfg(unix)]
pub(super) fn private_directory(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

#[cfg(not(unix))]
pub(super) fn private_directory(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

fn private_file(path: &Path) -> io::Result<fs::File> {
    private(fs::OpenOptions::new().create_new(true).append(true)).open(path)
}

/// Lets a file that is made be for the user alone.
pub(super) fn private(options: &mut fs::OpenOptions) -> &mut fs::OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_run_is_named_after_all_others_whatever_the_clock_says() {
        let cases = [
            (&["29991231-235959.999-ffffff"][..], "30000101-000000.000-"),
            (&["29991231-235959.998-000000", "29991231-235958.000-000000"], "29991231-235959.999-"),
            // No name comes after that, and what is no name of a run counts for nothing.
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
