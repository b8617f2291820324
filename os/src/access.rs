//! The rights of this account at a file or a directory.

use std::io;
use std::path::Path;

/// Tells whether this account may make files in a directory, without making one; none if only an attempt shows it.
///
/// A directory on a file system that is mounted read-only is an error too.
#[cfg(unix)]
#[must_use]
pub fn may_write(directory: &Path) -> Option<io::Result<()>> {
    use rustix::fs::{Access, AtFlags, CWD, accessat};
    let rights = Access::WRITE_OK | Access::EXEC_OK;
    match accessat(CWD, directory, rights, AtFlags::EACCESS) {
        Err(rustix::io::Errno::NOSYS | rustix::io::Errno::INVAL) => None,
        asked => Some(asked.map_err(io::Error::from)),
    }
}

/// Tells whether this account may make files in a directory: here only an attempt shows it.
#[cfg(windows)]
#[must_use]
pub fn may_write(_directory: &Path) -> Option<io::Result<()>> {
    None
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_of_ones_own_can_be_written_into_and_a_missing_one_cannot() {
        let directory = tempfile::tempdir().expect("a directory");
        may_write(directory.path()).expect("known").expect("it may");
        let missing = may_write(&directory.path().join("missing")).expect("known");
        assert_eq!(missing.expect_err("it is missing").kind(), io::ErrorKind::NotFound);
    }
}
