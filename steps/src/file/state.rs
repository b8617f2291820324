//! Reads the state of a file.

use std::fs::{File, Metadata};
use std::io;
use std::path::Path;
use std::time::UNIX_EPOCH;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::Md5;
use sha2::{Digest as _, Sha256};

use super::{Attributes, Trouble};

/// The state of a regular file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileState {
    /// The SHA-256 of its content, in hexadecimal.
    pub sha256: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its permission bits.
    pub mode: u32,
    /// The id of its owner.
    pub user: u32,
    /// The id of its group.
    pub group: u32,
    /// Its number in the file system.
    pub inode: u64,
    /// The time of its last modification, in nanoseconds since 1970.
    pub modified: u128,
}

impl FileState {
    /// Reads the state of the regular file at `path`, which must not be a link; none if there is no file.
    pub fn read(path: &Path) -> Result<Option<Self>, Trouble> {
        let Some(mut file) = open(path)? else { return Ok(None) };
        let mut sha = Sha256::new();
        io::copy(&mut file, &mut sha).map_err(Trouble::unreadable)?;
        let metadata = file.metadata().map_err(Trouble::unreadable)?;
        let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let (mode, user, group, inode) = ownership(&metadata);
        Ok(Some(Self {
            sha256: format!("{:x}", sha.finalize()),
            size: metadata.len(),
            mode,
            user,
            group,
            inode,
            modified: modified.unwrap_or_default().as_nanos(),
        }))
    }

    /// Returns true if not everybody on this machine may read the file, so that its content may be secret.
    pub fn is_private(&self) -> bool {
        self.mode & 0o004 == 0
    }
}

impl From<&FileState> for Attributes {
    fn from(state: &FileState) -> Self {
        Self { mode: state.mode, user: Some(state.user), group: Some(state.group) }
    }
}

/// The facts about a regular file without its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileIdentity {
    /// Its mode and ownership.
    pub attributes: Attributes,
    /// Its size in bytes.
    pub size: u64,
    /// Its number in the file system.
    pub inode: u64,
    /// The time of its last modification, in nanoseconds since 1970.
    pub modified: u128,
}

impl FileIdentity {
    /// Reads the facts about the regular file at `path`, which must not be a link; none if there is no file.
    pub fn read(path: &Path) -> Result<Option<Self>, Trouble> {
        let Some(file) = open(path)? else { return Ok(None) };
        Ok(Some(Self::of(&file.metadata().map_err(Trouble::unreadable)?)))
    }

    fn of(metadata: &Metadata) -> Self {
        let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let (mode, user, group, inode) = ownership(metadata);
        let attributes = Attributes { mode, user: Some(user), group: Some(group) };
        Self { attributes, size: metadata.len(), inode, modified: modified.unwrap_or_default().as_nanos() }
    }
}

/// Returns the MD5, in base64, of the regular file at `path`, which must not be a link; none if there is no file.
pub(crate) fn md5_of(path: &Path) -> Result<Option<String>, Trouble> {
    let Some(mut file) = open(path)? else { return Ok(None) };
    let mut md5 = Md5::new();
    io::copy(&mut file, &mut md5).map_err(Trouble::unreadable)?;
    Ok(Some(STANDARD.encode(md5.finalize())))
}

/// Opens the regular file at `path` for reading, which must not be a link; none if there is no file.
pub(super) fn open(path: &Path) -> Result<Option<File>, Trouble> {
    match path.symlink_metadata() {
        Ok(metadata) => check(&metadata)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Trouble::unreadable(error)),
    }
    let mut options = std::fs::OpenOptions::new();
    options.read(true);
    // The file may have been replaced since it was checked.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        &mut options,
        libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY,
    );
    let file = match options.open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Trouble::unreadable(error)),
    };
    check(&file.metadata().map_err(Trouble::unreadable)?)?;
    Ok(Some(file))
}

fn check(metadata: &Metadata) -> Result<(), Trouble> {
    match () {
        () if metadata.is_file() => Ok(()),
        () if metadata.is_symlink() => Err(Trouble::Link),
        () if metadata.is_dir() => Err(Trouble::Directory),
        () => Err(Trouble::Special),
    }
}

/// Returns the permission bits, the owner, the group and the number of a file.
#[cfg(unix)]
fn ownership(metadata: &Metadata) -> (u32, u32, u32, u64) {
    use std::os::unix::fs::MetadataExt as _;

    (metadata.mode() & 0o7777, metadata.uid(), metadata.gid(), metadata.ino())
}

/// Returns the values that stand for a file that anybody may read.
#[cfg(not(unix))]
fn ownership(_metadata: &Metadata) -> (u32, u32, u32, u64) {
    (0o644, 0, 0, 0)
}
