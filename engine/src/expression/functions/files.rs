//! The files that functions may read, and a record of what they read.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::Reach;

/// The files of a folder, and a record of what was read of them; clones share the record.
#[derive(Clone, Debug)]
pub struct Files {
    base_dir: PathBuf,
    /// Another folder that relative paths may lead to.
    other: Option<PathBuf>,
    read: Arc<Mutex<BTreeSet<String>>>,
}

impl Files {
    /// Relative paths start from `base_dir`.
    pub fn new(base_dir: impl Into<PathBuf>) -> Self {
        Self { base_dir: base_dir.into(), other: None, read: Arc::default() }
    }

    /// The same, and those of another folder, with the same record; relative paths start where they did.
    #[must_use]
    pub fn and(&self, other: impl Into<PathBuf>) -> Self {
        Self { other: Some(other.into()), ..self.clone() }
    }

    /// The folder that relative paths start from.
    #[must_use]
    pub fn base_dir(&self) -> &Path {
        &self.base_dir
    }

    /// What was read so far, in order: paths from the folder where they are in it, and whole ones.
    #[must_use]
    pub fn read(&self) -> Vec<String> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Notes that a file was read; a path that is a secret is noted without its text.
    pub(super) fn note(&self, path: &str, is_secret: bool) {
        let noted = if is_secret {
            "(a sensitive path)".to_owned()
        } else {
            let full = self.whole(Path::new(path));
            full.strip_prefix(self.whole(Path::new(""))).unwrap_or(&full).to_string_lossy().into_owned()
        };
        self.read.lock().unwrap_or_else(PoisonError::into_inner).insert(noted);
    }

    /// Where the file is; none when the path leads where it may not.
    ///
    /// A path from the root is taken as it is written, unless it is the folder's own and goes up from there, as
    /// `"${path.module}/.."` does. A link out of the folder is a way out of it too.
    pub(super) fn locate(&self, path: &str, reach: Reach) -> Option<PathBuf> {
        let path = Path::new(path);
        let full = self.base_dir.join(path);
        let folders = [Some(Path::new("")), self.other.as_deref()];
        let folders: Vec<PathBuf> = folders.into_iter().flatten().map(|folder| self.whole(folder)).collect();
        let is_elsewhere = path.is_absolute() && !folders.iter().any(|folder| path.starts_with(folder));
        if reach == Reach::Anywhere || is_elsewhere {
            return Some(full);
        }
        let whole = self.whole(path);
        let is_inside = |folder: &PathBuf| match (full.canonicalize(), folder.canonicalize()) {
            (Ok(real), Ok(folder)) => real.starts_with(folder),
            _ => true,
        };
        folders.iter().any(|folder| whole.starts_with(folder) && is_inside(folder)).then_some(full)
    }

    /// The path from the root, without `.` and `..`.
    fn whole(&self, path: &Path) -> PathBuf {
        let joined = self.base_dir.join(path);
        let absolute = std::path::absolute(&joined).unwrap_or(joined);
        let mut whole = PathBuf::new();
        for component in absolute.components() {
            match component {
                Component::CurDir => {}
                Component::ParentDir => drop(whole.pop()),
                other => whole.push(other),
            }
        }
        whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relative_path_stays_in_the_folder() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("book");
        std::fs::create_dir_all(folder.join("sub")).unwrap();
        std::fs::write(parent.path().join("secret"), "").unwrap();
        std::fs::write(folder.join("own"), "").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(parent.path().join("secret"), folder.join("link")).unwrap();
        let files = Files::new(&folder);
        let base = folder.to_str().unwrap();
        let cases = [
            ("own", true),
            ("./sub/../own", true),
            ("none/yet", true),
            ("../secret", false),
            ("sub/../../secret", false),
            ("../book/own", true),
            ("..", false),
            ("/etc/hostname", true),
            (&format!("{base}/own"), true),
            (&format!("{base}/../secret"), false),
            #[cfg(unix)]
            ("link", false),
        ];
        for (path, allowed) in cases {
            assert_eq!(files.locate(path, Reach::Folder).is_some(), allowed, "{path}");
            assert!(files.locate(path, Reach::Anywhere).is_some(), "{path}");
        }
    }

    #[test]
    fn what_was_read_is_noted_once_and_shared() {
        let files = Files::new("/book");
        let clone = files.clone();
        for path in ["b.txt", "./b.txt", "/book/a.txt", "/etc/motd", "../x"] {
            clone.note(path, false);
        }
        clone.note("/s3cret", true);
        assert_eq!(files.read(), ["(a sensitive path)", "/etc/motd", "/x", "a.txt", "b.txt"]);
    }
}
