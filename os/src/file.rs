//! Opens files without side effects, and tells one from another.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// The flags of the system that open a link itself or refuse it, and never block.
#[cfg(unix)]
pub(crate) const NO_FOLLOW: i32 = (rustix::fs::OFlags::NOFOLLOW.bits()
    | rustix::fs::OFlags::NONBLOCK.bits()
    | rustix::fs::OFlags::NOCTTY.bits())
.cast_signed();

/// The flag of the system that opens a link itself.
#[cfg(windows)]
pub(crate) const NO_FOLLOW: u32 = windows_sys::Win32::Storage::FileSystem::FILE_FLAG_OPEN_REPARSE_POINT;

/// Opens the file at `path` for reading, without following a link in the last part of the path, and without blocking
/// on a pipe.
///
/// On Unix a link is an error. On Windows the link itself is opened: its metadata say that it is no regular file.
#[cfg(unix)]
pub fn open_no_follow(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;

    OpenOptions::new().read(true).custom_flags(NO_FOLLOW).open(path)
}

/// Opens the file at `path` for reading, without following a link in the last part of the path.
///
/// On Unix a link is an error. On Windows the link itself is opened: its metadata say that it is no regular file.
#[cfg(windows)]
pub fn open_no_follow(path: &Path) -> io::Result<File> {
    use std::os::windows::fs::{MetadataExt as _, OpenOptionsExt as _};
    use windows_sys::Win32::Storage::FileSystem::FILE_ATTRIBUTE_REPARSE_POINT;

    let file = OpenOptions::new().read(true).custom_flags(NO_FOLLOW).open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() || metadata.file_attributes() & FILE_ATTRIBUTE_REPARSE_POINT == 0 {
        return Ok(file);
    }
    // A file that the system keeps elsewhere, such as a deduplicated one, is read through its place.
    let whole = OpenOptions::new().read(true).open(path)?;
    if Number::of(&whole)? == Number::of(&file)? {
        Ok(whole)
    } else {
        Err(io::ErrorKind::InvalidInput.into())
    }
}

/// Opens the file at `path` for reading, through links, and without blocking on a pipe or taking a terminal.
pub fn open_unblocked(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        &mut options,
        (rustix::fs::OFlags::NONBLOCK.bits() | rustix::fs::OFlags::NOCTTY.bits()).cast_signed(),
    );
    options.open(path)
}

/// Returns true if an error of [`open_no_follow`] says that the file is a link.
#[must_use]
pub fn is_link_error(error: &io::Error) -> bool {
    #[cfg(unix)]
    return error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error());
    #[cfg(windows)]
    return {
        _ = error;
        false
    };
}

/// The numbers of a file and of its device: no other file has them as long as it exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number {
    /// The number of the device or the volume.
    pub device: u64,
    /// The number of the file on it.
    pub file: u64,
}

impl Number {
    /// Returns the numbers of an open file.
    #[cfg(unix)]
    pub fn of(file: &File) -> io::Result<Self> {
        use std::os::unix::fs::MetadataExt as _;

        let metadata = file.metadata()?;
        Ok(Self { device: metadata.dev(), file: metadata.ino() })
    }

    /// Returns the numbers of the file or directory at `path`, which need not be readable.
    #[cfg(unix)]
    pub fn at(path: &Path) -> io::Result<Self> {
        use std::os::unix::fs::MetadataExt as _;

        let metadata = path.metadata()?;
        Ok(Self { device: metadata.dev(), file: metadata.ino() })
    }

    /// Returns the numbers of an open file.
    #[cfg(windows)]
    pub fn of(file: &File) -> io::Result<Self> {
        crate::windows::number::of(file)
    }

    /// Returns the numbers of the file or directory at `path`, which need not be readable.
    #[cfg(windows)]
    pub fn at(path: &Path) -> io::Result<Self> {
        use std::os::windows::fs::OpenOptionsExt as _;
        use windows_sys::Win32::Storage::FileSystem::{FILE_FLAG_BACKUP_SEMANTICS, FILE_READ_ATTRIBUTES};

        let mut options = OpenOptions::new();
        options.access_mode(FILE_READ_ATTRIBUTES).custom_flags(FILE_FLAG_BACKUP_SEMANTICS);
        Self::of(&options.open(path)?)
    }
}

/// Returns true if opening the path may act on a device, a pipe of the system or a part of a file, in place of a file.
///
/// These are paths such as `\\.\pipe\x`, the names `CON`, `NUL` and `COM1` with any ending, and names with a colon,
/// which are streams of a file.
#[must_use]
pub fn is_windows_device(path: &str) -> bool {
    let path = path.replace('/', "\\");
    if path.starts_with(r"\\.\") || path.starts_with(r"\??\") {
        return true;
    }
    if let Some(rest) = path.strip_prefix(r"\\?\") {
        let rest = rest.to_ascii_lowercase();
        let has_drive = rest.as_bytes().get(1) == Some(&b':');
        if !(has_drive || rest.starts_with(r"unc\") || rest.starts_with("volume{")) {
            return true;
        }
    }
    // The shares of a server that are no directories.
    let rest = path.strip_prefix(r"\\?\UNC\").or_else(|| path.strip_prefix(r"\\"));
    let share = rest.and_then(|rest| rest.split('\\').nth(1)).unwrap_or_default();
    if ["pipe", "mailslot"].iter().any(|no_files| share.eq_ignore_ascii_case(no_files)) {
        return true;
    }
    let name = path.rsplit('\\').next().unwrap_or_default();
    let name = match name.as_bytes() {
        [drive, b':', ..] if drive.is_ascii_alphabetic() && !path.contains('\\') => &name[2..],
        _ => name,
    };
    if name.contains(':') {
        return true;
    }
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let numbered = |prefix: &str| {
        stem.strip_prefix(prefix).is_some_and(|number| {
            matches!(number, "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³")
        })
    };
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$")
        || numbered("COM")
        || numbered("LPT")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_the_numbers_of_no_other() {
        let place = tempfile::tempdir().expect("a directory");
        let file = |name: &str| File::create(place.path().join(name)).expect("created");
        let [one, two] = [file("one"), file("two")].map(|file| Number::of(&file).expect("known"));
        assert_ne!(one, two);
        let again = Number::of(&open_no_follow(&place.path().join("one")).expect("opened")).expect("known");
        assert_eq!(one, again);
    }

    #[test]
    fn devices_of_windows_are_known_by_their_paths() {
        for (path, expected) in [
            (r"C:\site\a.txt", false),
            ("site/a.txt", false),
            ("C:a.txt", false),
            (r"\\server\share\a", false),
            (r"\\?\C:\site\a.txt", false),
            (r"\\.\pipe\himds", true),
            ("//./PhysicalDrive0", true),
            (r"\\?\UNC\server\share\a", false),
            (r"\\?\Volume{00000000-0000-0000-0000-000000000000}\a", false),
            ("//?/pipe/x", true),
            (r"\\?\PhysicalDrive0", true),
            (r"\\?\globalroot\Device\Null", true),
            ("//localhost/pipe/x", true),
            (r"\\?\UNC\server\PIPE\x", true),
            ("COM0", true),
            ("NUL", true),
            (r"C:\site\nul", true),
            (r"site\con.txt", true),
            ("com1.log", true),
            ("com10.log", false),
            ("COM", false),
            ("console", false),
            ("lpt9", true),
            ("aux .txt", true),
            (r"C:\site\a.txt:hidden", true),
            (r"C:\site\a.txt::$DATA", true),
        ] {
            assert_eq!(is_windows_device(path), expected, "{path}");
        }
    }
}
