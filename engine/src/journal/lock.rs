//! One run of a runbook at a time.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::{Digest, Directory, JournalError};

/// How often a lock that another process holds is tried again.
const TRY_EVERY: Duration = Duration::from_millis(100);

/// The right to run a runbook, with one directory of journals, until it is dropped.
///
/// It is a lock of the operating system on a file, which ends with the process however that ends: a file that is left
/// behind locks nothing.
#[derive(Debug)]
pub struct Lock {
    file: File,
    holder: PathBuf,
}

/// Who holds a lock.
#[derive(Debug, Deserialize, Serialize)]
pub struct Holder {
    /// The number of the process.
    pub process: u32,
    /// The name of its run.
    pub run: String,
}

impl Lock {
    /// The lock of a runbook, given by its name and the directory it lies in, waited for as long as `patience`.
    pub async fn acquire(
        directory: &Directory,
        runbook: (&str, &str),
        patience: Duration,
    ) -> Result<Self, JournalError> {
        let failed = |source| JournalError::Create { path: directory.path().to_owned(), source };
        directory.make().map_err(failed)?;
        let path = path(directory, runbook);
        let file = super::directory::private(fs::OpenOptions::new().create(true).truncate(false).write(true))
            .open(&path)
            .map_err(failed)?;
        // Apart from the lock: on some systems, what is locked cannot be read.
        let holder = path.with_extension("holder");
        let began = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { file, holder }),
                Err(TryLockError::Error(source)) => return Err(failed(source)),
                Err(TryLockError::WouldBlock) if began.elapsed() < patience => {
                    tokio::time::sleep(TRY_EVERY.min(patience.saturating_sub(began.elapsed()))).await;
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(JournalError::Locked {
                        runbook: runbook.0.to_owned(),
                        holder: read(&holder),
                    });
                }
            }
        }
    }

    /// Who holds the lock of a runbook, when that can be told.
    #[must_use]
    pub fn holder(directory: &Directory, runbook: (&str, &str)) -> Option<Holder> {
        read(&path(directory, runbook).with_extension("holder"))
    }

    /// Tells others who holds it.
    pub fn tell(&self, run: &str) -> io::Result<()> {
        let holder = Holder { process: std::process::id(), run: run.to_owned() };
        fs::write(&self.holder, serde_json::to_vec(&holder)?)
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Whoever is told of a holder that is gone is told wrong, and no more than that.
        let _ = fs::remove_file(&self.holder);
        let _ = self.file.unlock();
    }
}

/// The file that is locked for a runbook.
fn path(directory: &Directory, (name, place): (&str, &str)) -> PathBuf {
    let digest = Digest::of(place.as_bytes()).to_string();
    directory.path().join(format!("{}-{}.lock", file_name(name), &digest[..12]))
}

/// Who holds a lock, when that can be told.
fn read(path: &Path) -> Option<Holder> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

/// A name that is good for a file on every system.
fn file_name(name: &str) -> String {
    name.chars()
        .map(|next| if next.is_ascii_alphanumeric() || "-_".contains(next) { next } else { '_' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_at_a_time_and_the_other_is_told_of_it() {
        let temporary = tempfile::tempdir().expect("a directory");
        let directory = Directory::new(temporary.path());
        let acquire = |place: &'static str| Lock::acquire(&directory, ("a/b", place), Duration::ZERO);
        let lock = acquire("/x").await.expect("free");
        lock.tell("2026-1").expect("written");
        let holder = Lock::holder(&directory, ("a/b", "/x")).expect("it was told");
        assert_eq!((holder.process, holder.run.as_str()), (std::process::id(), "2026-1"));
        assert!(acquire("/y").await.is_ok(), "another runbook of that name");
        let error = acquire("/x").await.expect_err("held").to_string();
        let expected = format!("`a/b` is being run by process {}, as 2026-1", std::process::id());
        assert_eq!(error, expected);
        drop(lock);
        assert!(acquire("/x").await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_waited_for() {
        let temporary = tempfile::tempdir().expect("a directory");
        let directory = Directory::new(temporary.path());
        let acquire = || Lock::acquire(&directory, ("a", "/x"), Duration::from_secs(30));
        let lock = acquire().await.expect("free");
        let (second, ()) = tokio::join!(acquire(), async {
            tokio::time::sleep(Duration::from_secs(10)).await;
            drop(lock);
        });
        assert!(second.is_ok());
    }
}
