//! Reads the state of a file.

use std::fs::{File, Metadata};
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use arcbook_engine::step::LARGEST_TEXT;
use arcbook_os::file::{Number, is_windows_device, open_no_follow};
use arcbook_os::private::hands_down_privacy;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::Md5;
use sha2::{Digest as _, Sha256};

use super::{Attributes, Trouble};

/// The permission bit with which everybody on this machine may read a file.
const OTHERS: u32 = 0o004;

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
    /// True if its directory hands down permissions that make every file private.
    pub is_in_private_directory: bool,
    /// Its content, if that is a short text that everybody on this machine may read.
    pub text: Option<Arc<str>>,
}

impl FileState {
    /// Reads the state of the regular file at `path`, which must not be a link; none if there is no file.
    pub fn read(path: &Path) -> Result<Option<Self>, Trouble> {
        let Some(mut file) = open(path)? else { return Ok(None) };
        let mut sha = Sha256::new();
        let mut start = Vec::new();
        let most = LARGEST_TEXT as u64 + 1;
        (&mut file).take(most).read_to_end(&mut start).map_err(Trouble::unreadable)?;
        sha.update(&start);
        io::copy(&mut file, &mut sha).map_err(Trouble::unreadable)?;
        let metadata = file.metadata().map_err(Trouble::unreadable)?;
        let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let attributes = Attributes::of(&file).map_err(Trouble::unreadable)?;
        let is_in_private_directory = hands_down_privacy(parent(path));
        let is_public = attributes.mode & OTHERS != 0 && !is_in_private_directory;
        let text = String::from_utf8(start).ok().filter(|text| is_public && text.len() <= LARGEST_TEXT);
        Ok(Some(Self {
            text: text.map(Arc::from),
            sha256: format!("{:x}", sha.finalize()),
            size: metadata.len(),
            mode: attributes.mode,
            user: attributes.user.unwrap_or_default(),
            group: attributes.group.unwrap_or_default(),
            inode: Number::of(&file).map_err(Trouble::unreadable)?.file,
            modified: modified.unwrap_or_default().as_nanos(),
            is_in_private_directory,
        }))
    }

    /// Returns true if not everybody on this machine may read the file, so that its content may be secret.
    pub fn is_private(&self) -> bool {
        self.mode & OTHERS == 0
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
    /// True if its directory hands down permissions that make every file private.
    pub is_in_private_directory: bool,
}

impl FileIdentity {
    /// Reads the facts about the regular file at `path`, which must not be a link; none if there is no file.
    pub fn read(path: &Path) -> Result<Option<Self>, Trouble> {
        let Some(file) = open(path)? else { return Ok(None) };
        Self::of(path, &file).map(Some).map_err(Trouble::unreadable)
    }

    fn of(path: &Path, file: &File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        Ok(Self {
            attributes: Attributes::of(file)?,
            size: metadata.len(),
            inode: Number::of(file)?.file,
            modified: modified.unwrap_or_default().as_nanos(),
            is_in_private_directory: hands_down_privacy(parent(path)),
        })
    }
}

/// Returns the directory of a file.
fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
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
    if cfg!(windows) && is_windows_device(&path.to_string_lossy()) {
        return Err(Trouble::Special);
    }
    match path.symlink_metadata() {
        Ok(metadata) => check(&metadata)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Trouble::unreadable(error)),
    }
    // The file may have been replaced since it was checked.
    let file = match open_no_follow(path) {
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
