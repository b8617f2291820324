//! Reads the files of a runbook without the links that lead out of its directories.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use super::{FileKind, FileSystem, SharedFileSystem, whole};

/// Another source of files, in which no link leads out of the directory that it is in.
///
/// A review reads a runbook that somebody else wrote: a link to a file of the reader would show that file.
#[derive(Clone, Debug)]
pub struct Confined {
    below: SharedFileSystem,
    /// The directory of the runbook: its links may lead anywhere in it.
    directory: PathBuf,
    /// The directory without links; none if it does not exist.
    real: Option<PathBuf>,
}

impl Confined {
    /// Returns the files of `below` for the runbook at `path`, which is a directory or a file.
    #[must_use]
    pub fn new(below: SharedFileSystem, path: &Path) -> Self {
        let is_directory = below.kind(path).is_ok_and(|kind| kind == FileKind::Directory);
        let path = whole(path);
        let parent = path.parent().filter(|_| !is_directory).map(Path::to_owned);
        let directory = parent.unwrap_or(path);
        let real = below.canonical(&directory).ok();
        Self { below, directory, real }
    }

    fn check(&self, path: &Path) -> io::Result<()> {
        let path = whole(path);
        let own = path.ancestors().take_while(|ancestor| !self.directory.starts_with(ancestor));
        for part in own {
            // A file that does not exist leads nowhere.
            let (Ok(real), Some(parent)) = (self.below.canonical(part), part.parent()) else { continue };
            let is_in =
                |directory: Option<&PathBuf>| directory.is_some_and(|directory| real.starts_with(directory));
            if !is_in(self.real.as_ref()) && !is_in(self.below.canonical(parent).ok().as_ref()) {
                let reason = "it is a link that leads out of the runbook's directory; a review follows none, and `-revision` reads what is committed";
                return Err(io::Error::other(reason));
            }
        }
        Ok(())
    }
}

impl FileSystem for Confined {
    fn read(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        self.check(path)?;
        self.below.read(path, most)
    }

    fn kind(&self, path: &Path) -> io::Result<FileKind> {
        self.check(path)?;
        self.below.kind(path)
    }

    fn list(&self, path: &Path, most: usize) -> io::Result<Vec<OsString>> {
        self.check(path)?;
        self.below.list(path, most)
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        self.below.canonical(path)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn no_link_leads_out() {
        let place = tempfile::tempdir().unwrap();
        let at = |name: &str| place.path().join(name);
        for directory in ["book/sub", "modules/one", "home/.ssh"] {
            std::fs::create_dir_all(at(directory)).unwrap();
        }
        for file in ["book/a", "book/sub/b", "modules/one/c", "home/.ssh/key"] {
            std::fs::write(at(file), "x").unwrap();
        }
        for (target, link) in [
            ("a", "book/own"),
            ("../a", "book/sub/up"),
            ("../home/.ssh/key", "book/file"),
            ("../home", "book/directory"),
            ("../../home", "book/sub/directory"),
            ("../../home", "modules/one/directory"),
            ("../home/.ssh/key", "modules/file"),
            ("/nothing", "book/broken"),
        ] {
            symlink(target, at(link)).unwrap();
        }
        for runbook in ["book", "book/a"] {
            let files = Confined::new(SharedFileSystem::default(), &at(runbook));
            for (path, expected) in [
                ("book/a", None),
                ("book/own", None),
                ("book/sub/b", None),
                ("book/sub/up", None),
                ("book/sub/../a", None),
                ("modules/one/c", None),
                ("book/file", Some(io::ErrorKind::Other)),
                ("book/directory/.ssh/key", Some(io::ErrorKind::Other)),
                ("book/sub/directory/.ssh/key", Some(io::ErrorKind::Other)),
                ("modules/one/directory/.ssh/key", Some(io::ErrorKind::Other)),
                ("modules/file", Some(io::ErrorKind::Other)),
                ("book/broken", Some(io::ErrorKind::NotFound)),
                ("book/none", Some(io::ErrorKind::NotFound)),
            ] {
                let read = files.read(&at(path), 9).err().map(|error| error.kind());
                assert_eq!(read, expected, "{runbook}: {path}");
                assert_eq!(files.kind(&at(path)).err().map(|error| error.kind()), expected, "{path}");
            }
            assert!(files.list(&at("book"), 99).is_ok());
            assert!(files.list(&at("book/directory"), 99).is_err());
        }
    }
}
