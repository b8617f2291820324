//! The space of a file system.

use std::io;
use std::path::Path;

/// The space of a file system, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// The space that this account can still use.
    pub free: u64,
    /// The whole size.
    pub size: u64,
}

/// Returns the space of the file system with the file or the directory at `path`.
#[cfg(unix)]
pub fn space(path: &Path) -> io::Result<Space> {
    let facts = rustix::fs::statvfs(path)?;
    let bytes = |blocks: u64| blocks.saturating_mul(facts.f_frsize);
    Ok(Space { free: bytes(facts.f_bavail), size: bytes(facts.f_blocks) })
}

/// Returns the space of the volume with the directory at `path`.
#[cfg(windows)]
pub fn space(path: &Path) -> io::Result<Space> {
    let (free, size) = crate::windows::system::space(path)?;
    Ok(Space { free, size })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_has_space_and_a_missing_one_has_none() {
        let directory = tempfile::tempdir().expect("a directory");
        let space_of = space(directory.path()).expect("known");
        assert!(space_of.size > 0 && space_of.free <= space_of.size, "{space_of:?}");
        let missing = space(&directory.path().join("missing")).expect_err("it is missing");
        assert_eq!(missing.kind(), io::ErrorKind::NotFound);
    }
}
