//! Reads the buffers of an editor in place of the files that they will be saved to.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::file_system::{is_a_directory, too_large};
use super::{FileKind, FileSystem, SharedFileSystem, whole};

/// Texts over another source of files: each stands for the file at its path, which may not exist below.
#[derive(Clone, Debug)]
pub struct Overlay {
    below: SharedFileSystem,
    /// The texts, by canonical paths.
    buffers: BTreeMap<PathBuf, Vec<u8>>,
}

impl Overlay {
    /// Returns the files of `below` without changes.
    #[must_use]
    pub fn new(below: SharedFileSystem) -> Self {
        Self { below, buffers: BTreeMap::new() }
    }

    /// Sets the content of the file at `path`.
    #[must_use]
    pub fn with(mut self, path: &Path, text: impl Into<Vec<u8>>) -> Self {
        self.buffers.insert(self.place(path), text.into());
        self
    }

    /// Returns the canonical path, even of a file or a directory that does not exist below.
    fn place(&self, path: &Path) -> PathBuf {
        let whole = whole(path);
        let mut missing = Vec::new();
        for ancestor in whole.ancestors() {
            if let Ok(canonical) = self.below.canonical(ancestor) {
                return missing.iter().rev().fold(canonical, |path, name| path.join(name));
            }
            missing.extend(ancestor.file_name());
        }
        whole
    }

    /// Returns the names that the buffers add to the directory with that canonical path.
    fn names(&self, place: &Path) -> BTreeSet<OsString> {
        let inside = self.buffers.keys().filter_map(|path| path.strip_prefix(place).ok());
        inside.filter_map(|rest| Some(rest.components().next()?.as_os_str().to_owned())).collect()
    }
}

impl FileSystem for Overlay {
    fn read(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        let place = self.place(path);
        match self.buffers.get(&place) {
            Some(text) if text.len() as u64 > most => Err(too_large(most)),
            Some(text) => Ok(text.clone()),
            None if !self.names(&place).is_empty() => Err(is_a_directory()),
            None => self.below.read(path, most),
        }
    }

    fn kind(&self, path: &Path) -> io::Result<FileKind> {
        let place = self.place(path);
        match self.buffers.get(&place) {
            Some(_) => Ok(FileKind::Regular),
            None if !self.names(&place).is_empty() => Ok(FileKind::Directory),
            None => self.below.kind(path),
        }
    }

    fn list(&self, path: &Path, most: usize) -> io::Result<Vec<OsString>> {
        let mut names = self.names(&self.place(path));
        match self.below.list(path, most) {
            Ok(below) => names.extend(below),
            Err(error) if error.kind() == ErrorKind::NotFound && !names.is_empty() => {}
            Err(error) => return Err(error),
        }
        Ok(names.into_iter().take(most).collect())
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        let place = self.place(path);
        let is_buffered = self.buffers.contains_key(&place) || !self.names(&place).is_empty();
        if is_buffered { Ok(place) } else { self.below.canonical(path) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_stands_for_its_file() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        std::fs::write(at("a"), "saved").unwrap();
        std::fs::write(at("b"), "saved").unwrap();
        let files = Overlay::new(SharedFileSystem::default());
        let files = files.with(&at("x/../a"), "edited").with(&at("new/c"), "unsaved");
        let read = |name: &str| {
            let read = files.read(&at(name), 7).map_err(|error| error.kind());
            read.map(|bytes| String::from_utf8(bytes).unwrap())
        };
        for (name, expected) in [
            ("a", Ok("edited")),
            ("./a", Ok("edited")),
            ("b", Ok("saved")),
            ("new/c", Ok("unsaved")),
            ("new", Err(ErrorKind::IsADirectory)),
            ("d", Err(ErrorKind::NotFound)),
        ] {
            assert_eq!(read(name), expected.map(str::to_owned), "{name}");
        }
        assert_eq!(files.read(&at("new/c"), 6).unwrap_err().kind(), ErrorKind::FileTooLarge);
        let kind = |name: &str| files.kind(&at(name)).map_err(|error| error.kind());
        assert_eq!(kind("new"), Ok(FileKind::Directory));
        assert_eq!(kind("new/c"), Ok(FileKind::Regular));
        assert_eq!(kind("none"), Err(ErrorKind::NotFound));
        assert_eq!(files.list(&at("."), 9).unwrap(), ["a", "b", "new"]);
        assert_eq!(files.list(&at("new"), 9).unwrap(), ["c"]);
        assert!(files.canonical(&at("new/c")).unwrap().ends_with("new/c"));
        assert!(files.canonical(&at("none")).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_buffer_is_found_through_a_link() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        std::fs::create_dir(at("real")).unwrap();
        std::os::unix::fs::symlink(at("real"), at("link")).unwrap();
        let files = Overlay::new(SharedFileSystem::default()).with(&at("real/a"), "edited");
        assert_eq!(files.read(&at("link/a"), 9).unwrap(), b"edited");
        assert_eq!(files.list(&at("link"), 9).unwrap(), ["a"]);
    }
}
