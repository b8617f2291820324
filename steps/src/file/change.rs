//! Changes files so that a reader sees the whole old or the whole new content, even after a crash.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use arcbook_os::durable;
use arcbook_os::private::Options;

use super::state::open;
use super::{Attributes, FileIdentity, FileState, Siblings, Trouble};

/// The mode of a file until it is complete, and of one that keeps a prior content.
const PRIVATE: Attributes = Attributes { mode: 0o600, user: None, group: None };

/// Writes `content` to a new file `temporary` and moves it to `path`; returns the state of the result.
///
/// A file at `temporary` is the rest of a run that was killed.
pub(crate) fn put(
    path: &Path,
    temporary: &Path,
    mut content: impl Read,
    attributes: Attributes,
) -> Result<FileState, Trouble> {
    let mut write = || {
        delete(temporary)?;
        let mut file = create(temporary)?;
        io::copy(&mut content, &mut file).map_err(Trouble::unwritable)?;
        place(&file, temporary, path, attributes)
    };
    let written = write();
    if written.is_err() {
        // The temporary file is of no use any more; its removal is not worth another error.
        drop(std::fs::remove_file(temporary));
    }
    written?;
    FileState::read(path)?.ok_or_else(Trouble::missing)
}

/// Gives a complete `file`, which is at `temporary`, its attributes, and moves it to `path`.
pub(crate) fn place(
    file: &File,
    temporary: &Path,
    path: &Path,
    attributes: Attributes,
) -> Result<(), Trouble> {
    attributes.apply_in_place_of(file, path)?;
    file.sync_all().map_err(Trouble::unwritable)?;
    // The target may have become a link or a directory since it was checked: the former is replaced.
    durable::rename(temporary, path).map_err(Trouble::unwritable)
}

/// Copies the file at `path` to the sibling that keeps its content, unless an earlier attempt did, and makes a change of it.
///
/// The copy goes if the change certainly did not happen, because the same file is still at `path`: nothing is to be put back
/// then, and the copy may hold a secret.
pub(crate) fn keeping<T>(
    path: &Path,
    siblings: &Siblings,
    change: impl FnOnce() -> Result<T, Trouble>,
) -> Result<T, Trouble> {
    let earlier = FileIdentity::read(path)?;
    let was_kept = open(&siblings.kept)?.is_some();
    let changed = keep(path, siblings).and_then(|()| change());
    if changed.is_err() && !was_kept && earlier.is_some() && FileIdentity::read(path).ok() == Some(earlier) {
        drop(remove(&siblings.kept));
    }
    changed
}

/// Copies the file at `path` to the sibling that keeps its content, unless that is there, or no file is at `path`.
fn keep(path: &Path, siblings: &Siblings) -> Result<(), Trouble> {
    if open(&siblings.kept)?.is_some() {
        return Ok(());
    }
    let Some(file) = open(path)? else { return Ok(()) };
    put(&siblings.kept, &siblings.copy, file, PRIVATE).map(drop)
}

/// Sets the attributes of the file at `path`.
pub(crate) fn set_attributes(path: &Path, attributes: Attributes) -> Result<FileState, Trouble> {
    let file = open(path)?.ok_or_else(Trouble::missing)?;
    attributes.apply(&file)?;
    durable::sync_file(&file).map_err(Trouble::unwritable)?;
    FileState::read(path)?.ok_or_else(Trouble::missing)
}

/// Gives the file at `kept` its attributes, and moves it to `path` beside it: a full disk has room for that.
pub(crate) fn move_back(kept: &Path, path: &Path, attributes: Attributes) -> Result<(), Trouble> {
    let file = open(kept)?.ok_or_else(Trouble::missing)?;
    attributes.apply_in_place_of(&file, path)?;
    durable::sync_file(&file).map_err(Trouble::unwritable)?;
    durable::rename(kept, path).map_err(Trouble::unwritable)
}

/// Removes the file at `path`; a missing one is no error.
pub(crate) fn remove(path: &Path) -> Result<(), Trouble> {
    delete(path)?;
    durable::sync_parent(path).map_err(Trouble::unwritable)
}

/// Creates the missing directories above `path`.
pub(crate) fn make_directories(path: &Path) -> Result<(), Trouble> {
    let Some(parent) = path.parent() else { return Ok(()) };
    super::directory::make_missing(parent)
}

fn delete(path: &Path) -> Result<(), Trouble> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Trouble::unwritable(error)),
        _ => Ok(()),
    }
}

/// Creates a file that only its owner may read.
fn create(path: &Path) -> Result<File, Trouble> {
    let options = Options { write: true, create_new: true, ..Options::default() };
    options.open(path).map_err(Trouble::uncreatable)
}
