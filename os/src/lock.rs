//! Exclusive locks of directories.

use std::fs::{File, TryLockError};
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
    directory: File,
    #[cfg(windows)]
    _mutex: crate::windows::mutex::Mutex,
}

impl DirectoryLock {
    /// Locks the directory at `path` without waiting.
    ///
    /// # Errors
    ///
    /// [`TryLockError::WouldBlock`] if another process or another lock of this one holds it; every other error means
    /// that this user or this file system cannot lock the directory.
    #[cfg(unix)]
    pub fn acquire(path: &Path) -> Result<Self, TryLockError> {
        let directory = File::open(path).map_err(TryLockError::Error)?;
        directory.try_lock()?;
        Ok(Self { directory })
    }

    /// Locks the directory at `path` without waiting.
    ///
    /// # Errors
    ///
    /// [`TryLockError::WouldBlock`] if another process or another lock of this one holds it; every other error means
    /// that this user or this file system cannot lock the directory.
    #[cfg(windows)]
    pub fn acquire(path: &Path) -> Result<Self, TryLockError> {
        use std::os::windows::fs::OpenOptionsExt as _;

        use windows_sys::Win32::Storage::FileSystem::{FILE_FLAG_BACKUP_SEMANTICS, FILE_READ_ATTRIBUTES};

        let mut options = File::options();
        options.access_mode(FILE_READ_ATTRIBUTES).custom_flags(FILE_FLAG_BACKUP_SEMANTICS);
        // As long as the directory is open, no other one gets its number.
        let directory = options.open(path).map_err(TryLockError::Error)?;
        let number = crate::file::Number::of(&directory).map_err(TryLockError::Error)?;
        let name = format!(r"Global\arcbook-{:x}-{:x}", number.device, number.file);
        for _ in 0..TRIES {
            match crate::windows::mutex::Mutex::create(&name) {
                Ok(Some(mutex)) => return Ok(Self { directory, _mutex: mutex }),
                // It may be the short look of another process that was refused itself.
                Ok(None) => std::thread::sleep(PAUSE),
                Err(error) => return Err(TryLockError::Error(error)),
            }
        }
        Err(TryLockError::WouldBlock)
    }
}

impl Drop for DirectoryLock {
    fn drop(&mut self) {
        // A program that is just being started has a copy of the handle, which would keep the lock.
        let _ = self.directory.unlock();
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
}
