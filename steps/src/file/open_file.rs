//! Opens the files that steps send.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use arcbook_engine::source::open_plain;
use arcbook_engine::step::{ErrorKind, StepError};
use arcbook_os::file::Number;

use super::input::unreadable;
use super::{FilePart, Hashing};

/// The size of a part that is digested at a time, in bytes: an aborted step ends after one.
const PART: u64 = 8 << 20;

/// A regular file that a step sends: opened once, and read at positions. It must not change until it is sent.
#[derive(Clone, Debug)]
pub(crate) struct OpenFile {
    file: Arc<File>,
    path: PathBuf,
    stamp: Stamp,
}

/// The facts by which a change of a file shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    size: u64,
    modified: Option<SystemTime>,
    number: Number,
}

impl Stamp {
    fn of(file: &File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        let number = Number::of(file)?;
        Ok(Self { size: metadata.len(), modified: metadata.modified().ok(), number })
    }

    /// Reads the facts about the file at `path`, which need not be readable.
    fn at(path: &Path) -> io::Result<Self> {
        let metadata = path.metadata()?;
        let number = Number::at(path)?;
        Ok(Self { size: metadata.len(), modified: metadata.modified().ok(), number })
    }
}

impl OpenFile {
    /// Opens the file at `path`.
    pub async fn open(path: PathBuf) -> Result<Self, StepError> {
        let place = path.clone();
        let opened = off_thread(move || {
            let file = open_plain(&place)?;
            let stamp = Stamp::of(&file)?;
            Ok((file, stamp))
        });
        let (file, stamp) = opened.await.map_err(|error| unreadable(&path, &error))?;
        Ok(Self { file: Arc::new(file), path, stamp })
    }

    /// Returns the size in bytes, as it was when the file was opened.
    pub fn size(&self) -> u64 {
        self.stamp.size
    }

    /// Returns the bytes in a range.
    pub fn part(&self, range: Range<u64>) -> FilePart {
        FilePart::new(Arc::clone(&self.file), range.start, range.end - range.start)
    }

    /// Returns all bytes.
    pub fn whole(&self) -> FilePart {
        self.part(0..self.size())
    }

    /// Returns the MD5 in base64, and the SHA-256 in hexadecimal if it is needed.
    pub async fn digests(&self, needs_sha256: bool) -> Result<(String, Option<String>), StepError> {
        let (mut hashing, mut rest) = (Hashing::new(needs_sha256), self.whole());
        while !rest.is_empty() {
            let added = hashing.add(rest.split(PART)).await;
            hashing = added.map_err(|error| self.unreadable(&error))?;
        }
        Ok(hashing.finish())
    }

    /// Returns an error if the file is not the opened one any more, or has changed since.
    pub async fn check_unchanged(&self) -> Result<(), StepError> {
        let (path, file) = (self.path.clone(), Arc::clone(&self.file));
        let stamps = off_thread(move || Ok([Stamp::at(&path)?, Stamp::of(&file)?]));
        match stamps.await {
            Ok(stamps) if stamps == [self.stamp; 2] => Ok(()),
            Ok(_) => Err(changed(&self.path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(changed(&self.path)),
            Err(error) => Err(unreadable(&self.path, &error)),
        }
    }

    /// Returns the error for a read that failed.
    pub fn unreadable(&self, error: &io::Error) -> StepError {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => changed(&self.path),
            _ => unreadable(&self.path, error),
        }
    }
}

async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

fn changed(path: &Path) -> StepError {
    StepError::new(ErrorKind::Local, format!("{} changed while it was sent", path.display()))
        .detail("The blob is as it was before.")
        .argument("source")
        .help("run again when no program writes to the file, or send a copy of it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_changed_file_is_noticed() {
        type Change = fn(&Path);
        let changes: &[(&str, Change, bool)] = &[
            ("nothing", |_| (), false),
            ("truncated", |path| File::options().write(true).open(path).unwrap().set_len(1).unwrap(), true),
            ("longer", |path| std::fs::write(path, "content and more").unwrap(), true),
            (
                "same size",
                |path| {
                    std::fs::write(path, "CONTENT").unwrap();
                    let file = File::options().write(true).open(path).unwrap();
                    file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
                },
                true,
            ),
            // Wine replaces no file that is open; Windows does.
            #[cfg(unix)]
            (
                "replaced",
                |path| {
                    let modified = path.metadata().unwrap().modified().unwrap();
                    let other = path.with_extension("new");
                    std::fs::write(&other, "CONTENT").unwrap();
                    File::options().write(true).open(&other).unwrap().set_modified(modified).unwrap();
                    std::fs::rename(other, path).unwrap();
                },
                true,
            ),
            // Wine keeps the name of an open file; Windows removes it.
            #[cfg(unix)]
            ("removed", |path| std::fs::remove_file(path).unwrap(), true),
        ];
        for &(what, change, is_noticed) in changes {
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("file");
            std::fs::write(&path, "content").unwrap();
            let file = OpenFile::open(path.clone()).await.unwrap();
            change(&path);
            assert_eq!(file.check_unchanged().await.is_err(), is_noticed, "{what}");
        }
    }

    #[tokio::test]
    async fn only_plain_files_are_opened() {
        let directory = tempfile::tempdir().unwrap();
        for (path, expected) in
            [(directory.path(), "not a plain file"), (&directory.path().join("none"), "(os error 2)")]
        {
            let error = OpenFile::open(path.to_owned()).await.unwrap_err();
            assert!(error.why().unwrap().contains(expected), "{error:?}");
            assert_eq!(error.about(), Some("source"));
        }
    }
}
