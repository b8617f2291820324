//! Controls and records the files that functions read.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sha2::{Digest, Sha256};

use super::Reach;
use crate::source::{self, FileSystem, SharedFileSystem};

/// The text in place of a sensitive path.
const HIDDEN: &str = "(a sensitive path)";

/// The readable files of a directory, with a record of those that were read; clones share the record.
#[derive(Clone, Debug)]
pub struct Files {
    base_dir: PathBuf,
    /// A second directory that relative paths may reach.
    other: Option<PathBuf>,
    file_system: SharedFileSystem,
    record: Arc<Mutex<Record>>,
}

/// The record of accesses to the environment.
#[derive(Debug, Default)]
struct Record {
    /// The digests of files, by the public form of their paths.
    files: BTreeMap<String, String>,
    /// The digests of files with sensitive paths, by the digests of the paths.
    hidden: BTreeMap<String, String>,
    /// The files that a review does not read, by the public form of their paths.
    unread: BTreeSet<String>,
    /// True if the time of the plan was read.
    clock: bool,
}

/// A file that a function read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadFile {
    /// The path, relative to the base directory if the file is in it or in the second one, otherwise
    /// absolute; none if it is sensitive.
    pub path: Option<String>,
    /// The SHA-256 of its bytes when it was last read, in hexadecimal.
    pub sha256: String,
}

impl Files {
    /// Returns the files of the disk with relative paths based on `base_dir`.
    pub fn new(base_dir: impl Into<PathBuf>) -> Self {
        Self::of(SharedFileSystem::default(), base_dir)
    }

    /// Returns the files of `file_system` with relative paths based on `base_dir`.
    pub fn of(file_system: SharedFileSystem, base_dir: impl Into<PathBuf>) -> Self {
        Self { base_dir: base_dir.into(), other: None, file_system, record: Arc::default() }
    }

    /// Returns the source of the files.
    #[must_use]
    pub fn file_system(&self) -> &dyn FileSystem {
        &*self.file_system
    }

    /// Adds a second directory; the record and the base of relative paths stay the same.
    #[must_use]
    pub fn and(&self, other: impl Into<PathBuf>) -> Self {
        Self { other: Some(other.into()), ..self.clone() }
    }

    /// Returns the base directory of relative paths.
    #[must_use]
    pub fn base_dir(&self) -> &Path {
        &self.base_dir
    }

    /// Returns the paths of the files read so far, and of those that only a run reads, in order: relative to the base
    /// directory, or absolute.
    #[must_use]
    pub fn read(&self) -> Vec<String> {
        let record = self.record();
        let hidden = (!record.hidden.is_empty()).then(|| HIDDEN.to_owned());
        let files: BTreeSet<&String> = record.files.keys().chain(&record.unread).collect();
        hidden.into_iter().chain(files.into_iter().cloned()).collect()
    }

    /// Returns the files read so far, in order; those with sensitive paths first.
    #[must_use]
    pub fn digests(&self) -> Vec<ReadFile> {
        let record = self.record();
        let hidden = record.hidden.values().map(|sha256| ReadFile { path: None, sha256: sha256.clone() });
        let files = record
            .files
            .iter()
            .map(|(path, sha256)| ReadFile { path: Some(path.clone()), sha256: sha256.clone() });
        hidden.chain(files).collect()
    }

    /// Returns true if the time of the plan was read.
    #[must_use]
    pub fn asked_for_time(&self) -> bool {
        self.record().clock
    }

    /// Records that the time of the plan was read.
    pub(super) fn note_time(&self) {
        self.record().clock = true;
    }

    /// Records that a file was read, with its content; a sensitive path is recorded only as a digest.
    pub(super) fn note(&self, path: &str, is_secret: bool, bytes: &[u8]) {
        let sha256 = |bytes: &[u8]| format!("{:x}", Sha256::digest(bytes));
        let full = self.whole(Path::new(path));
        let mut record = self.record();
        if is_secret {
            record.hidden.insert(sha256(full.to_string_lossy().as_bytes()), sha256(bytes));
        } else {
            record.files.insert(self.name_of(path), sha256(bytes));
        }
    }

    /// Records a file that a review does not read; a sensitive path is not recorded.
    pub(super) fn note_unread(&self, path: &str, is_secret: bool) {
        if !is_secret {
            let name = self.name_of(path);
            self.record().unread.insert(name);
        }
    }

    /// Normalizes the path of a file: relative to the directory if the file is in it or in the other one, otherwise
    /// absolute.
    pub(in crate::expression) fn name_of(&self, path: &str) -> String {
        let full = self.whole(Path::new(path));
        let is_own = self.folders().iter().any(|folder| full.starts_with(folder));
        if is_own { source::relative(&self.base_dir, &full) } else { source::slashed(&full) }
    }

    /// Returns the absolute paths of the directories that relative paths may lead to.
    fn folders(&self) -> Vec<PathBuf> {
        let folders = [Some(Path::new("")), self.other.as_deref()];
        folders.into_iter().flatten().map(|folder| self.whole(folder)).collect()
    }

    fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Resolves a path; none if it is not accessible.
    ///
    /// An absolute path is used as written, unless it begins with the base directory and then leaves it, as
    /// `"${path.module}/.."` does. A link out of the directory also leaves it.
    pub(super) fn locate(&self, path: &str, reach: Reach) -> Option<PathBuf> {
        let written = Path::new(path);
        let is_elsewhere =
            written.is_absolute() && !self.folders().iter().any(|folder| written.starts_with(folder));
        if reach == Reach::Anywhere || is_elsewhere {
            return Some(self.base_dir.join(written));
        }
        self.locate_inside(path)
    }

    /// Resolves a path that must stay in the directories, even if it is absolute.
    pub(crate) fn locate_inside(&self, path: &str) -> Option<PathBuf> {
        let full = self.base_dir.join(path);
        let whole = self.whole(Path::new(path));
        let is_inside = |folder: &PathBuf| match (self.canonical(&full), self.canonical(folder)) {
            (Ok(real), Ok(folder)) => real.starts_with(folder),
            _ => true,
        };
        self.folders().iter().any(|folder| whole.starts_with(folder) && is_inside(folder)).then_some(full)
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        self.file_system.canonical(path)
    }

    /// Returns the absolute path, without `.` and `..`.
    fn whole(&self, path: &Path) -> PathBuf {
        source::whole(&self.base_dir.join(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relative_path_stays_in_the_folder() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("book");
        std::fs::create_dir_all(folder.join("sub")).unwrap();
        std::fs::write(parent.path().join("secret"), "").unwrap();
        std::fs::write(folder.join("own"), "").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(parent.path().join("secret"), folder.join("link")).unwrap();
        let files = Files::new(&folder);
        let base = folder.to_str().unwrap();
        let cases = [
            ("own", true),
            ("./sub/../own", true),
            ("none/yet", true),
            ("../secret", false),
            ("sub/../../secret", false),
            ("../book/own", true),
            ("..", false),
            // On Windows this path depends on the drive of the working directory.
            ("/etc/hostname", cfg!(unix)),
            (&format!("{base}/own"), true),
            (&format!("{base}/../secret"), false),
            #[cfg(unix)]
            ("link", false),
        ];
        for (path, allowed) in cases {
            assert_eq!(files.locate(path, Reach::Folder).is_some(), allowed, "{path}");
            assert!(files.locate(path, Reach::Anywhere).is_some(), "{path}");
        }
    }

    #[test]
    fn what_was_read_is_noted_once_and_shared() {
        let files = Files::new("/book");
        let clone = files.clone();
        for path in ["b.txt", "./b.txt", "/book/a.txt", "/etc/motd", "../x"] {
            clone.note(path, false, b"");
        }
        clone.note("/s3cret", true, b"x");
        // On Windows an absolute path begins with a drive.
        let root = source::slashed(&source::whole(Path::new("/")));
        let at = |path: &str| format!("{root}{path}");
        assert_eq!(files.read(), ["(a sensitive path)", &at("etc/motd"), &at("x"), "a.txt", "b.txt"]);
        assert_eq!(files.digests().iter().filter(|file| file.path.is_none()).count(), 1);
        assert!(!format!("{files:?}").contains("s3cret"));
    }
}
