//! Reads the files of a revision in git, without touching the working tree.
//!
//! The program `git` reads the objects: users of revisions have it, and its releases, not ours, keep up with
//! its formats of objects. It runs no hook, no filter and no `textconv`, and connects to no server
//! ([`git`](self::git)). So a file has the bytes that were committed: line ends are not converted, and a file
//! in Git LFS is its pointer.

mod git;
mod tree;

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use arcbook_os::path::canonicalize;
use git::{Blobs, Git};
use tree::{Entry, Tree};

use super::file_system::is_a_directory;
use super::{FileKind, FileSystem, whole};

/// The reason why a revision cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RevisionError {
    /// The program is missing: install it, or put it on the `PATH`.
    #[error("the program `git` is not installed, or not on the PATH")]
    NoGit,
    /// No directory on the way to the runbook belongs to a repository: name one that does.
    #[error("{} is in no git repository with a working tree", path.display())]
    NoRepository {
        /// The path.
        path: PathBuf,
        /// The message of git.
        reason: String,
    },
    /// The repository has no such commit: name one that `git log` or `git tag` shows.
    #[error("the repository {} has no commit `{revision}`", repository.display())]
    NoCommit {
        /// The revision, as the user wrote it.
        revision: String,
        /// The root of the working tree.
        repository: PathBuf,
    },
    /// git failed in another way.
    #[error("git could not read the repository")]
    Failed {
        /// The message of git.
        reason: String,
    },
}

/// The files of a commit, at the paths that they have in the working tree.
#[derive(Debug)]
pub struct Revision {
    /// The name of the commit, in hexadecimal.
    commit: String,
    /// The absolute path of the root of the working tree.
    root: PathBuf,
    /// The same path as the user spells it, with links.
    spelled: Option<PathBuf>,
    tree: Tree,
    git: Git,
    /// The running process that reads blobs, if any.
    blobs: Mutex<Option<Blobs>>,
}

impl Revision {
    /// Opens a revision, such as `v1.2` or `HEAD~3`, of the repository that holds `path`. The file itself may
    /// be missing on the disk.
    pub fn open(revision: &str, path: &Path) -> Result<Self, RevisionError> {
        let path = whole(path);
        let directory = path.ancestors().find(|ancestor| ancestor.is_dir()).unwrap_or(&path).to_owned();
        let git = Git::new(directory.clone());
        let no_repository = |error| match error {
            RevisionError::Failed { reason } => RevisionError::NoRepository { path: path.clone(), reason },
            error => error,
        };
        let root = git.path(&["rev-parse", "--show-toplevel"]).map_err(no_repository)?;
        let prefix = git.path(&["rev-parse", "--show-prefix"])?;
        let no_commit =
            || RevisionError::NoCommit { revision: revision.to_owned(), repository: root.clone() };
        // An option is no revision.
        if revision.starts_with('-') {
            return Err(no_commit());
        }
        let name = git.run(&["rev-parse", "--verify", "--quiet", &format!("{revision}^{{commit}}")]);
        let commit = match name {
            Ok(name) => String::from_utf8_lossy(&name).trim().to_owned(),
            Err(RevisionError::Failed { .. }) => return Err(no_commit()),
            Err(error) => return Err(error),
        };
        let listing = git.run(&["ls-tree", "-r", "-z", "--full-tree", &commit])?;
        let tree = Tree::parse(&listing).ok_or_else(|| RevisionError::Failed {
            reason: "its list of files is not as expected".to_owned(),
        })?;
        let spelled = directory.ancestors().nth(prefix.components().count());
        // The working tree may be elsewhere, and a link within it may lead to the directory.
        let is_root = |spelled: &&Path| canonicalize(spelled).ok() == canonicalize(&root).ok();
        let spelled = spelled.filter(is_root).map(Path::to_owned);
        Ok(Self { commit, root, spelled, tree, git, blobs: Mutex::default() })
    }

    /// Returns the name of the commit, in hexadecimal.
    #[must_use]
    pub fn commit(&self) -> &str {
        &self.commit
    }

    /// Returns the file at `path`, and its path from the root.
    fn find(&self, path: &Path) -> io::Result<(&Entry, PathBuf)> {
        let whole = whole(path);
        let inside = [Some(&self.root), self.spelled.as_ref()];
        let inside = inside.into_iter().flatten().find_map(|root| whole.strip_prefix(root).ok());
        let Some(inside) = inside else {
            let root = self.root.display();
            return Err(unsupported(format!("the revision has only files in the repository `{root}`")));
        };
        self.tree.find(inside, |id| self.blob(id, tree::LONGEST_LINK))
    }

    fn blob(&self, id: &str, most: u64) -> io::Result<Vec<u8>> {
        let mut blobs = self.blobs.lock().unwrap_or_else(PoisonError::into_inner);
        let mut running = match blobs.take() {
            Some(running) => running,
            None => self.git.blobs()?,
        };
        // After an error, the process may still write the rest of the blob, so it is not used again.
        let bytes = running.read(id, most)?;
        *blobs = Some(running);
        Ok(bytes)
    }
}

impl FileSystem for Revision {
    fn read(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        match self.find(path)?.0 {
            Entry::File(id) => self.blob(id, most),
            _ => Err(is_a_directory()),
        }
    }

    fn kind(&self, path: &Path) -> io::Result<FileKind> {
        Ok(match self.find(path)?.0 {
            Entry::File(_) => FileKind::Regular,
            _ => FileKind::Directory,
        })
    }

    fn list(&self, path: &Path, most: usize) -> io::Result<Vec<OsString>> {
        match self.find(path)?.0 {
            Entry::Directory(entries) => Ok(entries.keys().take(most).cloned().collect()),
            _ => Err(io::Error::new(io::ErrorKind::NotADirectory, "it is not a directory")),
        }
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        self.find(path).map(|(_, inside)| {
            if inside.as_os_str().is_empty() { self.root.clone() } else { self.root.join(inside) }
        })
    }
}

/// Returns the error that a revision has no content for a path.
fn unsupported(reason: String) -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, reason)
}

#[cfg(all(test, unix))]
mod tests;
