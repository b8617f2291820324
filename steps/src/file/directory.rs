//! Reads and changes directories.

use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};

use arcbook_engine::step::{ErrorKind, StepError};
use arcbook_os::durable;

use super::{Attributes, Trouble};

/// The mode of a new directory, unless the step says another.
pub(crate) const NEW_DIRECTORY: u32 = 0o755;

/// The state of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DirectoryState {
    /// Its mode and ownership; none on Windows, which has neither.
    pub attributes: Option<Attributes>,
    /// Its number in the file system; none on Windows.
    pub inode: Option<u64>,
    /// True if nothing is in it.
    pub is_empty: bool,
}

impl DirectoryState {
    /// Reads the state of the directory at `path`, which must not be a link; none if there is nothing.
    pub fn read(path: &Path) -> Result<Option<Self>, StepError> {
        let path = &plain(path);
        let metadata = match path.symlink_metadata() {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(told(&Trouble::unreadable(error))),
        };
        if metadata.is_symlink() {
            return Err(told(&Trouble::Link));
        }
        if !metadata.is_dir() {
            return Err(told(&Trouble::Special));
        }
        let mut entries = path.read_dir().map_err(|error| told(&Trouble::unreadable(error)))?;
        let (attributes, inode) = facts(&metadata);
        Ok(Some(Self { attributes, inode, is_empty: entries.next().is_none() }))
    }
}

#[cfg(unix)]
fn facts(metadata: &Metadata) -> (Option<Attributes>, Option<u64>) {
    use std::os::unix::fs::MetadataExt as _;

    let mode = metadata.mode() & 0o7777;
    let attributes = Attributes { mode, user: Some(metadata.uid()), group: Some(metadata.gid()) };
    (Some(attributes), Some(metadata.ino()))
}

#[cfg(windows)]
fn facts(_metadata: &Metadata) -> (Option<Attributes>, Option<u64>) {
    (None, None)
}

/// Returns a path without a separator at its end, which would lead through a link.
fn plain(path: &Path) -> PathBuf {
    path.components().collect()
}

/// Makes a directory at `path`, with the missing ones above it if `parents` is true.
pub(crate) fn make_directory(path: &Path, attributes: Attributes, parents: bool) -> Result<(), StepError> {
    if parents && let Some(above) = path.parent() {
        make_missing(above).map_err(|trouble| told(&trouble))?;
    }
    create(path, attributes).map_err(|error| told(&Trouble::uncreatable(error)))?;
    set_directory_attributes(path, attributes)?;
    durable::sync_parent(path).map_err(|error| told(&Trouble::unwritable(error)))
}

/// Makes the missing directories of a path with the usual mode, whatever the umask is.
#[cfg(unix)]
pub(super) fn make_missing(path: &Path) -> Result<(), Trouble> {
    let usual = Attributes { mode: NEW_DIRECTORY, user: None, group: None };
    let is_missing = |path: &&Path| !path.as_os_str().is_empty() && !path.exists();
    let missing: Vec<&Path> = path.ancestors().take_while(is_missing).collect();
    for path in missing.into_iter().rev() {
        match create(path, usual) {
            Ok(()) => drop(apply(path, usual)?),
            // Another step has just made it.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => {}
            Err(error) => return Err(Trouble::unwritable(error)),
        }
    }
    Ok(())
}

/// Makes the missing directories of a path.
#[cfg(windows)]
pub(super) fn make_missing(path: &Path) -> Result<(), Trouble> {
    std::fs::create_dir_all(path).map_err(Trouble::unwritable)
}

/// Creates a directory that nobody else may enter until it has its attributes.
#[cfg(unix)]
fn create(path: &Path, _attributes: Attributes) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;

    std::fs::DirBuilder::new().mode(0o700).create(path)
}

/// Creates a directory, which is private if its mode has no bits for others.
#[cfg(windows)]
fn create(path: &Path, attributes: Attributes) -> io::Result<()> {
    if attributes.mode.trailing_zeros() >= 6 {
        // It makes the directories above as well, so it must not be asked for one in a missing directory.
        path.parent().unwrap_or(Path::new(".")).metadata()?;
        return arcbook_os::private::create_directory(path);
    }
    std::fs::create_dir(path)
}

/// Sets the attributes of the directory at `path`; Windows has none.
#[cfg(unix)]
pub(crate) fn set_directory_attributes(path: &Path, attributes: Attributes) -> Result<(), StepError> {
    let directory = apply(&plain(path), attributes).map_err(|trouble| told(&trouble))?;
    directory.sync_all().map_err(|error| told(&Trouble::unwritable(error)))
}

/// Gives the directory at `path` its attributes, and returns it open.
#[cfg(unix)]
fn apply(path: &Path, attributes: Attributes) -> Result<std::fs::File, Trouble> {
    let directory = arcbook_os::file::open_no_follow(path).map_err(Trouble::unreadable)?;
    attributes.apply(&directory)?;
    Ok(directory)
}

/// Sets the attributes of the directory at `path`; Windows has none.
#[cfg(windows)]
pub(crate) fn set_directory_attributes(_path: &Path, _attributes: Attributes) -> Result<(), StepError> {
    Ok(())
}

/// Removes the directory at `path`, with everything in it if `recursive` is true; a missing one is no error.
///
/// `base`, the directory of the runbook, is never in it.
pub(crate) fn remove_directory(path: &Path, recursive: bool, base: &Path) -> Result<(), StepError> {
    let path = &plain(path);
    let removed = if recursive {
        check_expendable(path, base)?;
        std::fs::remove_dir_all(path)
    } else {
        std::fs::remove_dir(path)
    };
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => Err(not_empty()),
        Err(error) => Err(told(&Trouble::unwritable(error))),
        Ok(()) => durable::sync_parent(path).map_err(|error| told(&Trouble::unwritable(error))),
    }
}

/// Returns an error if the directory is the root of a file system or holds the runbook.
pub(crate) fn check_expendable(path: &Path, base: &Path) -> Result<(), StepError> {
    let Ok(real) = path.canonicalize() else { return Ok(()) };
    let holds = |inner: &Path| inner.canonicalize().is_ok_and(|inner| inner.starts_with(&real));
    let base = if base.as_os_str().is_empty() { Path::new(".") } else { base };
    if real.parent().is_some() && !holds(base) {
        return Ok(());
    }
    Err(StepError::new(ErrorKind::Forbidden, "the directory is not removed, because it holds the runbook")
        .argument("path")
        .help("write the path of a directory that the machine can do without"))
}

/// Returns the error that a directory holds something.
pub(crate) fn not_empty() -> StepError {
    StepError::new(ErrorKind::Local, "the directory is not empty")
        .argument("path")
        .help("remove what is in it in an earlier step, or set `recursive = true` to remove all of it")
}

/// Returns the error of a step that keeps a directory. It does not quote the path, which may come from outside the runbook.
fn told(trouble: &Trouble) -> StepError {
    let (summary, help) = match trouble {
        Trouble::Link => (
            "the path is that of a symbolic link, which arcbook does not follow",
            "write the path of the directory that the link leads to; links above the directory are followed",
        ),
        Trouble::Special | Trouble::Directory => {
            ("the path is not that of a directory", "remove what is there, or write another path")
        }
        Trouble::NoDirectory => (
            "the directory above does not exist",
            "create it in an earlier step, or set `create_parents = true`",
        ),
        Trouble::Owner => (
            "the user that runs arcbook may not give the directory to its owner or group",
            "run arcbook as root; without `owner` and `group`, a directory that exists keeps its own",
        ),
        Trouble::MayNotRead => (
            "the user that runs arcbook may not read the directory",
            "give that user read access to it, and search access to the directories above it",
        ),
        Trouble::MayNotWrite => (
            "the user that runs arcbook may not change the directory",
            "give that user write access to the directory above",
        ),
        Trouble::Full => {
            ("the disk has no room for the directory", "free space on the file system of the path")
        }
        Trouble::Read(_) => ("the directory cannot be read", "check the disk and the file system"),
        Trouble::Write(_) => ("the directory cannot be changed", "check the disk and the file system"),
    };
    let argument = if *trouble == Trouble::Owner { "owner" } else { "path" };
    let error = StepError::new(ErrorKind::Local, summary).argument(argument).help(help);
    match trouble {
        Trouble::Read(reason) | Trouble::Write(reason) => error.detail(format!("{reason}.")),
        _ => error,
    }
}
