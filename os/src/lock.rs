//! Exclusive locks of directories and files.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;

/// The number of looks at a lock of Windows.
#[cfg(windows)]
const TRIES: usize = 3;

/// The time between two of them.
#[cfg(windows)]
const PAUSE: std::time::Duration = std::time::Duration::from_millis(5);

/// The lock of a directory, until it is dropped or the process ends.
///
/// It needs no file and no right to write: it is the same for every path, working directory and user. On Unix it is
/// `flock` on the directory. Windows cannot lock a directory, so there it is a mutex of the whole machine, named after
/// the numbers of the directory and of its volume.
#[derive(Debug)]
pub struct DirectoryLock {
    _lock: FileLock,
}

impl DirectoryLock {
    /// Locks the directory at `path` without waiting.
    ///
    /// # Errors
    ///
    /// [`TryLockError::WouldBlock`] if another process or another lock of this one holds it; every other error means
    /// that this user or this file system cannot lock the directory.
    pub fn acquire(path: &Path) -> Result<Self, TryLockError> {
        #[cfg(unix)]
        let directory = File::open(path);
        #[cfg(windows)]
        let directory = {
            use std::os::windows::fs::OpenOptionsExt as _;

            use windows_sys::Win32::Storage::FileSystem::{FILE_FLAG_BACKUP_SEMANTICS, FILE_READ_ATTRIBUTES};

            let mut options = File::options();
            options.access_mode(FILE_READ_ATTRIBUTES).custom_flags(FILE_FLAG_BACKUP_SEMANTICS).open(path)
        };
        let lock = FileLock::of(directory.map_err(TryLockError::Error)?)?;
        Ok(Self { _lock: lock })
    }
}

/// The lock of an open file, until it is dropped or the process ends.
///
/// The file stays readable and writable: a lock only tells others that it is held. On Unix it is `flock`. Windows
/// forbids reading a locked file, so there it is a mutex of the whole machine, named after the numbers of the file and
/// of its volume.
#[derive(Debug)]
pub struct FileLock {
    /// As long as the file is open, no other one gets its number.
    file: File,
    #[cfg(windows)]
    _mutex: crate::windows::mutex::Mutex,
}

impl FileLock {
    /// Locks a file without waiting; it may be closed before the lock is dropped.
    ///
    /// # Errors
    ///
    /// Those of [`DirectoryLock::acquire`].
    pub fn acquire(file: &File) -> Result<Self, TryLockError> {
        Self::of(file.try_clone().map_err(TryLockError::Error)?)
    }

    #[cfg(unix)]
    fn of(file: File) -> Result<Self, TryLockError> {
        file.try_lock()?;
        Ok(Self { file })
    }

    #[cfg(windows)]
    fn of(file: File) -> Result<Self, TryLockError> {
        let number = crate::file::Number::of(&file).map_err(TryLockError::Error)?;
        let name = format!(r"Global\arcbook-{:x}-{:x}", number.device, number.file);
        for _ in 0..TRIES {
            match crate::windows::mutex::Mutex::create(&name) {
                Ok(Some(mutex)) => return Ok(Self { file, _mutex: mutex }),
                // It may be the short look of another process that was refused itself.
                Ok(None) => std::thread::sleep(PAUSE),
                Err(error) => return Err(TryLockError::Error(error)),
            }
        }
        Err(TryLockError::WouldBlock)
    }

    /// Returns whether somebody holds the lock of a file; fails if this file system has no locks.
    pub fn is_held(file: &File) -> io::Result<bool> {
        // On Unix, two processes may look at the same time.
        #[cfg(unix)]
        let looked = file.try_lock_shared().map(|()| file.unlock());
        #[cfg(windows)]
        let looked = Self::acquire(file).map(|lock| Ok(drop(lock)));
        match looked {
            Ok(unlocked) => unlocked.map(|()| false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        // A program that is just being started has a copy of the handle, which would keep the lock.
        let _ = self.file.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_locked_once_and_stays_usable() {
        let place = tempfile::tempdir().expect("a directory");
        let lock = DirectoryLock::acquire(place.path()).expect("free");
        assert!(matches!(DirectoryLock::acquire(&place.path().join(".")), Err(TryLockError::WouldBlock)));
        std::fs::write(place.path().join("file"), "x").expect("others write files");
        assert_eq!(std::fs::read_dir(place.path()).expect("others list it").count(), 1);
        drop(lock);
        drop(DirectoryLock::acquire(place.path()).expect("free again"));
        assert!(matches!(DirectoryLock::acquire(&place.path().join("none")), Err(TryLockError::Error(_))));
        let other = tempfile::tempdir().expect("a directory");
        let [_one, _two] = [&place, &other].map(|place| DirectoryLock::acquire(place.path()).expect("free"));
    }

    #[test]
    fn a_file_is_locked_by_its_writer_and_read_by_others() {
        let place = tempfile::tempdir().expect("a directory");
        let path = place.path().join("file");
        let file = File::create(&path).expect("created");
        let lock = FileLock::acquire(&file).expect("free");
        drop(file);
        let is_held = || FileLock::is_held(&File::open(&path).expect("readable")).expect("it has locks");
        assert!(is_held() && is_held());
        // The lock is that of the file, wherever it is.
        std::fs::rename(&path, place.path().join("other")).expect("renamed");
        std::fs::copy(place.path().join("other"), &path).expect("readable");
        assert!(!is_held());
        std::fs::rename(place.path().join("other"), &path).expect("renamed");
        assert!(is_held());
        drop(lock);
        assert!(!is_held() && !is_held());
    }
}
