//! Defines the sources of files: the disk, the buffers of an editor, a revision in git.

use std::ffi::OsString;
use std::fmt::Debug;
use std::io;
use std::path::{Path, PathBuf};

/// The kind of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A regular file.
    Regular,
    /// A directory.
    Directory,
    /// A pipe, a socket or a device.
    Other,
}

/// A source of the files that a runbook consists of and that its functions read. Nothing is ever written.
///
/// Paths are those of the operating system: relative ones begin in the current directory of the process, and
/// links are followed. The kind of an error says what is wrong: [`NotFound`](io::ErrorKind::NotFound) alone
/// means that there is no such file, and [`Unsupported`](io::ErrorKind::Unsupported) that the source has no
/// content for the path and cannot say whether the disk has a file.
pub trait FileSystem: Debug + Send + Sync {
    /// Reads the regular file at `path`.
    ///
    /// # Errors
    ///
    /// Fails with [`IsADirectory`](io::ErrorKind::IsADirectory) or
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) for another kind of file, and with
    /// [`FileTooLarge`](io::ErrorKind::FileTooLarge) for one of more than `most` bytes, which is not read to
    /// its end.
    fn read(&self, path: &Path, most: u64) -> io::Result<Vec<u8>>;

    /// Returns the kind of the file at `path`.
    fn kind(&self, path: &Path) -> io::Result<FileKind>;

    /// Returns the names in the directory at `path`, in any order; at most `most`, if it has more.
    fn list(&self, path: &Path, most: usize) -> io::Result<Vec<OsString>>;

    /// Returns the absolute path of the existing file at `path`, without links, `.` and `..`.
    fn canonical(&self, path: &Path) -> io::Result<PathBuf>;
}

/// Returns the error that a directory cannot be read as a file.
pub(super) fn is_a_directory() -> io::Error {
    io::Error::new(io::ErrorKind::IsADirectory, "it is a directory")
}

/// Returns the error that a file has more than `most` bytes.
pub(super) fn too_large(most: u64) -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, format!("it is larger than {most} bytes"))
}
