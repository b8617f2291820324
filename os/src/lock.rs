//! Exclusive locks of directories.

use std::fs::{File, TryLockError};
use std::path::Path;

/// The lock of a directory, until it is dropped or the process ends.
///
/// It is on the directory itself: the same for every path, working directory and user, without a file of its own. On
/// Unix it is `flock`. Windows cannot lock a directory, so there the lock is an open directory that is not shared with
/// other writers: each holder opens it to add files, and lets others only read. Programs that create files in the
/// directory do not open it, and are not affected.
#[derive(Debug)]
pub struct DirectoryLock(#[expect(dead_code, reason = "it is the lock")] File);

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
        Ok(Self(directory))
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
        use windows_sys::Win32::Foundation::ERROR_SHARING_VIOLATION;
        use windows_sys::Win32::Storage::FileSystem::{
            FILE_ADD_FILE, FILE_FLAG_BACKUP_SEMANTICS, FILE_LIST_DIRECTORY, FILE_SHARE_READ,
        };

        if !path.is_dir() {
            return Err(TryLockError::Error(std::io::ErrorKind::NotADirectory.into()));
        }
        let mut options = File::options();
        options.access_mode(FILE_LIST_DIRECTORY | FILE_ADD_FILE).share_mode(FILE_SHARE_READ);
        options.custom_flags(FILE_FLAG_BACKUP_SEMANTICS);
        match options.open(path) {
            Ok(directory) => Ok(Self(directory)),
            Err(error) if error.raw_os_error() == Some(ERROR_SHARING_VIOLATION.cast_signed()) => {
                Err(TryLockError::WouldBlock)
            }
            Err(error) => Err(TryLockError::Error(error)),
        }
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
    }
}
