//! Changes of directories that outlast a crash of the machine.

use std::fs::File;
use std::io;
use std::path::Path;

/// A directory whose new, renamed and removed entries can be made durable.
///
/// On Windows a directory has nothing to flush: a new file is durable once the file itself is, a rename is written
/// through, and a removal that is lost only leaves a file behind.
#[derive(Debug)]
pub struct Directory {
    #[cfg(unix)]
    file: File,
}

impl Directory {
    /// Opens the directory at `path`; an empty path is the working directory.
    pub fn open(path: &Path) -> io::Result<Self> {
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        #[cfg(unix)]
        return Ok(Self { file: File::open(path)? });
        #[cfg(windows)]
        return if path.is_dir() { Ok(Self {}) } else { Err(io::ErrorKind::NotADirectory.into()) };
    }

    /// Returns once the entries are on the disk.
    pub fn sync(&self) -> io::Result<()> {
        #[cfg(unix)]
        self.file.sync_all()?;
        Ok(())
    }
}

/// Returns once the content and the permissions of an open file are on the disk, even if it is open for reading alone.
pub fn sync_file(file: &File) -> io::Result<()> {
    #[cfg(unix)]
    return file.sync_all();
    #[cfg(windows)]
    return crate::windows::handle::open_again(
        file,
        windows_sys::Win32::Storage::FileSystem::FILE_GENERIC_WRITE,
    )?
    .sync_all();
}

/// Writes the entries of the directory that contains `path` to the disk.
///
/// A user may change a directory without being allowed to read it, and some file systems cannot synchronize one:
/// neither is an error.
pub fn sync_parent(path: &Path) -> io::Result<()> {
    match Directory::open(path.parent().unwrap_or(path)).and_then(|directory| directory.sync()) {
        Err(error)
            if !matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::InvalidInput) =>
        {
            Err(error)
        }
        _ => Ok(()),
    }
}

/// Moves a complete file to `to` atomically, over a file that may be there, and returns once that is durable.
///
/// The content of the file must be on the disk.
#[cfg(unix)]
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    std::fs::rename(from, to)?;
    sync_parent(to)
}

/// Moves a complete file to `to` atomically, over a file that may be there, and returns once that is durable.
///
/// The content of the file must be on the disk. A virus scanner or an indexer may have the file open for a moment, so
/// the move is tried for up to a second.
#[cfg(windows)]
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    crate::windows::rename::write_through(from, to)
}

/// Puts the file at `new` in the place of the one at `path`, which gives it its owner and permissions, atomically.
///
/// On Unix only the superuser may set the owner; for other users the file becomes their own, like any file that they
/// write.
#[cfg(unix)]
pub fn replace(new: &Path, path: &Path) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, fchown};

    let before = std::fs::metadata(path)?;
    let file = File::open(new)?;
    let _ = fchown(&file, Some(before.uid()), Some(before.gid()));
    file.set_permissions(before.permissions())?;
    file.sync_all()?;
    rename(new, path)
}

/// Puts the file at `new` in the place of the one at `path`, which gives it its access list, atomically.
#[cfg(windows)]
pub fn replace(new: &Path, path: &Path) -> io::Result<()> {
    crate::private::copy_permissions(&File::open(path)?, &File::open(new)?)?;
    rename(new, path)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_file_takes_the_place_of_another() {
        type Move = fn(&Path, &Path) -> io::Result<()>;
        let place = tempfile::tempdir().expect("a directory");
        let at = |name: &str| place.path().join(name);
        for (what, change) in [("rename", rename as Move), ("replace", replace)] {
            fs::write(at("old"), "old").expect("written");
            fs::write(at("new"), what).expect("written");
            // A reader does not prevent it; some systems wait for its end.
            let reader = File::open(at("old")).expect("opened");
            let reading = std::thread::spawn(move || {
                std::thread::park_timeout(Duration::from_millis(100));
                drop(reader);
            });
            change(&at("new"), &at("old")).expect(what);
            reading.join().expect("it ends");
            assert_eq!(fs::read_to_string(at("old")).expect("read"), what);
            assert!(!at("new").exists());
            assert!(change(&at("none"), &at("old")).is_err(), "{what}");
        }
        sync_file(&File::open(at("old")).expect("opened")).expect("synchronized");
        rename(&at("old"), &at("another")).expect("nothing is there");
        sync_parent(&at("another")).expect("synchronized");
        Directory::open(place.path()).expect("opened").sync().expect("synchronized");
        assert!(Directory::open(&at("another")).and_then(|file| file.sync()).is_ok() || cfg!(windows));
    }
}
