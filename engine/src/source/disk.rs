//! Reads the files on the disk.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use super::{FileKind, FileSystem, read_plain};

/// The files on the disk of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

impl FileSystem for Disk {
    fn read(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        read_plain(path, most)
    }

    fn kind(&self, path: &Path) -> io::Result<FileKind> {
        let kind = path.metadata()?;
        Ok(match () {
            () if kind.is_file() => FileKind::Regular,
            () if kind.is_dir() => FileKind::Directory,
            () => FileKind::Other,
        })
    }

    fn list(&self, path: &Path, most: usize) -> io::Result<Vec<OsString>> {
        path.read_dir()?.take(most).map(|entry| Ok(entry?.file_name())).collect()
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        arcbook_os::path::canonicalize(path)
    }
}
