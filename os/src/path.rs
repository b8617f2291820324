//! Paths as users write them.

use std::io;
use std::path::{Path, PathBuf};

/// Returns the absolute path without links, in the spelling of the file system.
///
/// On Windows it has the form `C:\site` or `\\server\share` wherever possible, rather than `\\?\C:\site`, which few
/// programs understand, and in which `/` is no separator.
pub fn canonicalize(path: impl AsRef<Path>) -> io::Result<PathBuf> {
    dunce::canonicalize(path)
}
