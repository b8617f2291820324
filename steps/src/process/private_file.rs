//! A file for one program, such as a configuration with a secret.

use std::fs::{Metadata, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use arcbook_os::lock::DirectoryLock;
use arcbook_os::private::{Options, create_directory};

/// The argument of a program that stands for the path of its private file.
pub(crate) const PRIVATE_FILE: &str = "(a private file)";

/// The names of the directories that hold such files begin with it.
const PREFIX: &str = "arcbook-private-";

/// The name of the file.
const NAME: &str = "config.json";

/// The number of attempts at a new directory.
const TRIES: usize = 3;

/// A file that only this user may read, in a directory of its own, which is removed with it.
///
/// A killed process leaves both, and its lock of the directory ends: the next process that runs a program removes them.
pub(crate) struct PrivateFile {
    directory: PathBuf,
    lock: Option<DirectoryLock>,
}

impl PrivateFile {
    /// Creates a file with this content below `base`.
    pub fn create(base: &Path, content: &str) -> io::Result<Self> {
        let mut last = io::ErrorKind::AlreadyExists.into();
        for _ in 0..TRIES {
            match Self::attempt(base, content) {
                Ok(file) => return Ok(file),
                // Another process took the directory for a left one before it was locked.
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// Removes the files of processes that were killed; one that cannot be removed stays.
    pub fn remove_left(base: &Path) {
        let entries = base.read_dir().into_iter().flatten().flatten();
        let is_left = |entry: &std::fs::DirEntry| {
            entry.file_name().to_string_lossy().starts_with(PREFIX)
                && entry.metadata().is_ok_and(|metadata| metadata.is_dir() && is_own(&metadata))
        };
        for directory in entries.filter(is_left).map(|entry| entry.path()) {
            // The lock of a process that runs keeps its file.
            if let Ok(lock) = DirectoryLock::acquire(&directory) {
                drop(std::fs::remove_file(directory.join(NAME)));
                drop(lock);
                drop(std::fs::remove_dir(&directory));
            }
        }
    }

    fn attempt(base: &Path, content: &str) -> io::Result<Self> {
        let directory = base.join(format!("{PREFIX}{}", uuid::Uuid::new_v4().simple()));
        create_directory(&directory)?;
        let lock = DirectoryLock::acquire(&directory).map_err(|error| match error {
            TryLockError::Error(error) => error,
            TryLockError::WouldBlock => io::ErrorKind::WouldBlock.into(),
        })?;
        // From here on, the directory is removed with the value.
        let file = Self { directory, lock: Some(lock) };
        let options = Options { write: true, create_new: true, ..Options::default() };
        options.open(&file.path())?.write_all(content.as_bytes())?;
        Ok(file)
    }

    /// Returns the path.
    pub fn path(&self) -> PathBuf {
        self.directory.join(NAME)
    }
}

impl Drop for PrivateFile {
    fn drop(&mut self) {
        drop(std::fs::remove_file(self.path()));
        // Windows does not remove a directory that is open.
        self.lock.take();
        drop(std::fs::remove_dir(&self.directory));
    }
}

/// Returns true if the directory is this user's, so that nobody else can put a link in its place.
#[cfg(unix)]
fn is_own(metadata: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::uid(metadata) == nix::unistd::geteuid().as_raw()
}

/// Returns true: each user of Windows has a directory for temporary files.
#[cfg(windows)]
fn is_own(_metadata: &Metadata) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(base: &Path) -> usize {
        base.read_dir().expect("readable").count()
    }

    #[test]
    fn a_private_file_goes_with_its_user_and_what_a_killed_one_left_with_the_next() {
        let base = tempfile::tempdir().expect("a directory");
        let (base, other) = (base.path(), base.path().join("other"));
        std::fs::create_dir(&other).expect("created");
        let one = PrivateFile::create(base, "canary-one").expect("created");
        assert_eq!(std::fs::read_to_string(one.path()).expect("readable"), "canary-one");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;

            let mode = |path: &Path| path.metadata().expect("there").permissions().mode() & 0o777;
            assert_eq!((mode(&one.path()), mode(&one.directory)), (0o600, 0o700));
        }
        // A killed process leaves everything but its lock.
        let killed = PrivateFile::create(base, "canary-killed").expect("created");
        let left = killed.directory.clone();
        let mut killed = std::mem::ManuallyDrop::new(killed);
        drop(killed.lock.take());
        let two = PrivateFile::create(base, "canary-two").expect("created");
        PrivateFile::remove_left(base);
        assert!(two.path().exists() && !left.exists() && one.path().exists());
        drop((one, two));
        assert_eq!(names(base), 1, "{}", other.display());
    }
}
