//! Files and directories for this user alone.
//!
//! On Unix, their mode has no bits for others. On Windows, their access control list has full access for the user, for
//! the system and for administrators, and inherits nothing; both systems let their administrators read every file.

use std::fs::File;
use std::io;
use std::path::Path;

use tempfile::NamedTempFile;

/// The mode of a private file on Unix.
#[cfg(unix)]
const FILE: u32 = 0o600;

/// The mode of a private directory on Unix.
#[cfg(unix)]
const DIRECTORY: u32 = 0o700;

/// The options for opening a file, as in [`std::fs::OpenOptions`]. A file that is created is private from its first moment.
///
/// A file that exists keeps its permissions.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option, as in the standard library")]
pub struct Options {
    /// True if the file is read.
    pub read: bool,
    /// True if the file is written at any position.
    pub write: bool,
    /// True if each write goes to the end of the file.
    pub append: bool,
    /// True if the file is created unless it exists.
    pub create: bool,
    /// True if the file must not exist, and is created.
    pub create_new: bool,
    /// True if an existing content is removed.
    pub truncate: bool,
    /// True if a link in the last part of the path is not followed: on Unix it is an error, and on Windows the link
    /// itself is opened.
    pub no_follow: bool,
}

impl Options {
    /// Opens the file at `path`.
    #[cfg(unix)]
    pub fn open(self, path: &Path) -> io::Result<File> {
        use std::os::unix::fs::OpenOptionsExt as _;

        let flags = if self.no_follow { crate::file::NO_FOLLOW } else { 0 };
        let mut options = self.standard();
        options.mode(FILE).custom_flags(flags).open(path)
    }

    /// Opens the file at `path`.
    #[cfg(windows)]
    pub fn open(self, path: &Path) -> io::Result<File> {
        use std::os::windows::fs::OpenOptionsExt as _;

        if self.create || self.create_new {
            return crate::windows::private::open(path, self);
        }
        let flags = if self.no_follow { crate::file::NO_FOLLOW } else { 0 };
        self.standard().custom_flags(flags).open(path)
    }

    fn standard(self) -> std::fs::OpenOptions {
        let mut options = std::fs::OpenOptions::new();
        options.read(self.read).write(self.write).append(self.append).truncate(self.truncate);
        options.create(self.create).create_new(self.create_new);
        options
    }
}

/// Creates a directory and its missing parents; those that exist keep their permissions.
#[cfg(unix)]
pub fn create_directory(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;

    std::fs::DirBuilder::new().recursive(true).mode(DIRECTORY).create(path)
}

/// Creates a directory and its missing parents; those that exist keep their permissions.
#[cfg(windows)]
pub fn create_directory(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        create_directory(parent)?;
    }
    match crate::windows::private::create_directory(path) {
        // Another process may have created it in the meantime.
        Err(_) if path.is_dir() => Ok(()),
        created => created,
    }
}

/// Creates a temporary file in `directory`, whose name begins with `prefix`; it is deleted unless it is persisted.
pub fn temporary(directory: &Path, prefix: &str) -> io::Result<NamedTempFile> {
    let options = Options { read: true, write: true, create_new: true, ..Options::default() };
    let file = tempfile::Builder::new().prefix(prefix).make_in(directory, |path| options.open(path))?;
    Ok(file)
}

/// Returns true if only this user, and the administrators of the machine, may read the file.
#[cfg(unix)]
pub fn is_private(file: &File) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt as _;

    Ok(file.metadata()?.permissions().mode().trailing_zeros() >= 6)
}

/// Returns true if only this user, and the administrators of the machine, may read the file.
#[cfg(windows)]
pub fn is_private(file: &File) -> io::Result<bool> {
    crate::windows::private::is_private(file)
}

/// Makes an open file private, or gives it the permissions that files of its directory have.
#[cfg(windows)]
pub fn set_private(file: &File, is_private: bool) -> io::Result<()> {
    crate::windows::private::set_private(file, is_private)
}

/// Gives an open file the permissions of another one.
#[cfg(windows)]
pub fn copy_permissions(from: &File, to: &File) -> io::Result<()> {
    crate::windows::private::copy(from, to)
}

/// Returns true if files in the directory are private unless they have permissions of their own. Only Windows hands
/// permissions down.
#[must_use]
pub fn hands_down_privacy(directory: &Path) -> bool {
    #[cfg(unix)]
    return {
        _ = directory;
        false
    };
    #[cfg(windows)]
    return crate::windows::private::hands_down_privacy(directory).unwrap_or(false);
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};

    use super::*;

    #[test]
    fn created_files_are_private() {
        let place = tempfile::tempdir().expect("a directory");
        let directory = place.path().join("a/b");
        create_directory(&directory).expect("created");
        create_directory(&directory).expect("it may exist");
        let new = Options { create_new: true, append: true, ..Options::default() };
        let path = directory.join("file");
        let mut file = new.open(&path).expect("created");
        file.write_all(b"one").expect("written");
        assert!(is_private(&file).expect("readable"));
        assert_eq!(new.open(&path).expect_err("it exists").kind(), io::ErrorKind::AlreadyExists);
        let again = Options { create: true, write: true, truncate: true, ..Options::default() };
        again.open(&path).expect("opened").write_all(b"2").expect("written");
        let append = Options { create: true, append: true, read: true, ..Options::default() };
        append.open(&path).expect("opened").write_all(b"3").expect("written");
        let mut text = String::new();
        File::open(&path).expect("opened").read_to_string(&mut text).expect("read");
        assert_eq!(text, "23");
        assert!(is_private(temporary(&directory, ".x-").expect("created").as_file()).expect("readable"));
    }

    #[test]
    fn a_file_of_others_is_not_private() {
        let place = tempfile::tempdir().expect("a directory");
        let path = place.path().join("file");
        std::fs::write(&path, "").expect("written");
        #[cfg(unix)]
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o640)).expect("set");
        // Files of the user's own directories on Windows have no other reader.
        #[cfg(unix)]
        assert!(!is_private(&File::open(&path).expect("opened")).expect("readable"));
    }

    #[cfg(windows)]
    #[test]
    fn a_file_becomes_private_and_gets_the_permissions_of_its_directory_again() {
        let place = tempfile::tempdir().expect("a directory");
        let path = place.path().join("file");
        std::fs::write(&path, "").expect("written");
        let before = is_private(&File::open(&path).expect("opened")).expect("readable");
        for (wanted, expected) in [(true, true), (false, before), (true, true)] {
            set_private(&File::open(&path).expect("opened"), wanted).expect("set");
            let is = is_private(&File::open(&path).expect("opened")).expect("readable");
            assert_eq!(is, expected, "{wanted}");
        }
    }
}
