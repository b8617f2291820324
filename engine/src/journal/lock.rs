//! Locks a runbook against concurrent runs.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use arcbook_os::lock::DirectoryLock;
use arcbook_os::lock_holder::LockHolder;
use arcbook_os::private;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::{Digest, JournalError};
use crate::source::read_plain;

/// The maximum number of bytes read of a holder file; real ones have a hundredth of that.
const LONGEST_HOLDER: u64 = 64 << 10;

/// The interval between attempts to take a lock that another process holds.
const TRY_EVERY: Duration = Duration::from_millis(100);

/// Excludes concurrent runs: each run locks the directory of its runbook.
///
/// The operating system's lock on the directory itself is the same for every path, working directory and
/// user, and needs no writable file. If a directory cannot be locked (on NFS, or if it is deleted or
/// not readable), a file of the user is locked instead.
#[derive(Clone, Debug)]
pub struct Locks {
    /// The user's state directory, for the holder files and substitute locks.
    state: Option<PathBuf>,
}

/// The exclusive right to run a runbook, until it is dropped or the process ends.
#[derive(Debug)]
pub struct Lock {
    exclusion: Exclusion,
    /// The path of the holder file. It is not the lock itself, since a directory has no content and some
    /// systems forbid reading a locked file.
    holder: Option<PathBuf>,
}

/// The lock of the operating system, which ends when it is dropped.
#[derive(Debug)]
enum Exclusion {
    Directory { _lock: DirectoryLock },
    StandIn(File),
}

/// The holder of a lock.
#[derive(Debug, Deserialize, Serialize)]
pub struct Holder {
    /// The process ID.
    pub process: u32,
    /// The name of its run.
    pub run: String,
}

impl Locks {
    /// Returns locks with their files in `state`, which need not exist yet. Without it, holders are unknown,
    /// and a directory that cannot be locked is an error.
    #[must_use]
    pub fn new(state: Option<PathBuf>) -> Self {
        Self { state }
    }

    /// Acquires the lock of a runbook, given by its name and the absolute path of its directory; waits at
    /// most `patience`.
    pub async fn acquire(
        &self,
        (name, place): (&str, &str),
        patience: Duration,
    ) -> Result<Lock, JournalError> {
        let failed = |source| JournalError::Lock { runbook: name.to_owned(), source };
        let began = Instant::now();
        let first = DirectoryLock::acquire(Path::new(place));
        // Whoever waits stays with the kind of lock that the others have.
        let has_stand_in = matches!(first, Err(TryLockError::Error(_)));
        if let Ok(lock) = first {
            return Ok(self.acquired(Exclusion::Directory { _lock: lock }, place));
        }
        loop {
            match self.exclude(place, has_stand_in) {
                Ok(exclusion) => return Ok(self.acquired(exclusion, place)),
                Err(TryLockError::Error(source)) => return Err(failed(source)),
                Err(TryLockError::WouldBlock) if began.elapsed() < patience => {
                    tokio::time::sleep(TRY_EVERY.min(patience.saturating_sub(began.elapsed()))).await;
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(self.locked((name, place), has_stand_in));
                }
            }
        }
    }

    /// Returns the holder of the lock of the runbook in that directory, if known.
    #[must_use]
    pub fn holder(&self, place: &str) -> Option<Holder> {
        serde_json::from_slice(&read_plain(&self.path(place, "holder")?, LONGEST_HOLDER).ok()?).ok()
    }

    /// Returns the error of a lock that another process holds. A killed process leaves its holder file behind.
    fn locked(&self, (name, place): (&str, &str), has_stand_in: bool) -> JournalError {
        let process = if has_stand_in { None } else { LockHolder::of(Path::new(place)) };
        let is_it =
            |holder: &Holder| process.as_ref().is_none_or(|process| process.process == holder.process);
        let holder = self.holder(place).filter(is_it);
        JournalError::Locked { runbook: name.to_owned(), holder, process }
    }

    fn acquired(&self, exclusion: Exclusion, place: &str) -> Lock {
        let lock = Lock { exclusion, holder: self.path(place, "holder") };
        // A killed process leaves its holder file behind.
        lock.forget();
        lock
    }

    /// Locks the directory, or the file in its place, without waiting.
    fn exclude(&self, place: &str, has_stand_in: bool) -> Result<Exclusion, TryLockError> {
        if !has_stand_in {
            return DirectoryLock::acquire(Path::new(place)).map(|lock| Exclusion::Directory { _lock: lock });
        }
        let file = self.stand_in(place).map_err(TryLockError::Error)?;
        file.try_lock()?;
        Ok(Exclusion::StandIn(file))
    }

    /// Opens the file that is locked in place of a directory.
    fn stand_in(&self, place: &str) -> io::Result<File> {
        let homeless = || io::Error::new(io::ErrorKind::NotFound, "the user has no state directory");
        let path = self.path(place, "lock").ok_or_else(homeless)?;
        make_parent(&path)?;
        private::Options { create: true, write: true, ..private::Options::default() }.open(&path)
    }

    fn path(&self, place: &str, ending: &str) -> Option<PathBuf> {
        let name = format!("{}.{ending}", Digest::of(place.as_bytes()));
        Some(self.state.as_ref()?.join("locks").join(name))
    }
}

impl Lock {
    /// Writes the holder file for other processes.
    pub fn tell(&self, run: &str) -> io::Result<()> {
        let Some(path) = &self.holder else { return Ok(()) };
        let holder = Holder { process: std::process::id(), run: run.to_owned() };
        make_parent(path)?;
        let options =
            private::Options { create: true, truncate: true, write: true, ..private::Options::default() };
        let mut file = options.open(path)?;
        file.write_all(&serde_json::to_vec(&holder)?)
    }

    fn forget(&self) {
        // A holder file that stays behind misleads readers, but does no other harm.
        let _ = self.holder.as_ref().map(fs::remove_file);
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        self.forget();
        if let Exclusion::StandIn(file) = &self.exclusion {
            let _ = file.unlock();
        }
    }
}

fn make_parent(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), private::create_directory)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A directory with `state` and the directories of two runbooks.
    struct World {
        directory: tempfile::TempDir,
        locks: Locks,
    }

    impl World {
        fn new() -> Self {
            let directory = tempfile::tempdir().expect("a directory");
            for name in ["x", "y"] {
                fs::create_dir(directory.path().join(name)).expect("made");
            }
            let locks = Locks::new(Some(directory.path().join("state")));
            Self { directory, locks }
        }

        fn place(&self, name: &str) -> String {
            self.directory.path().join(name).to_string_lossy().into_owned()
        }

        async fn acquire(&self, place: &str) -> Result<Lock, JournalError> {
            self.locks.acquire(("a/b", &self.place(place)), Duration::ZERO).await
        }
    }

    #[tokio::test]
    async fn one_at_a_time_and_the_other_is_told_of_it() {
        let world = World::new();
        // A missing directory cannot be locked itself.
        for place in ["x", "gone"] {
            let lock = world.acquire(place).await.expect("free");
            lock.tell("2026-1").expect("written");
            let holder = world.locks.holder(&world.place(place)).expect("it was told");
            assert_eq!((holder.process, holder.run.as_str()), (std::process::id(), "2026-1"));
            assert!(world.acquire("y").await.is_ok(), "another runbook of that name");
            let error = world.acquire(place).await.expect_err("held").to_string();
            let expected = format!("`a/b` is being run by process {}, as 2026-1", std::process::id());
            assert_eq!(error, expected);
            drop(lock);
            assert!(world.acquire(place).await.is_ok());
        }
    }

    /// Returns the start of the message about a lock of this process that named no run.
    fn held() -> String {
        if cfg!(target_os = "linux") {
            format!("`a/b` is locked by process {} (`", std::process::id())
        } else {
            "`a/b` is being run by another process".to_owned()
        }
    }

    #[tokio::test]
    async fn the_holder_that_was_killed_is_forgotten() {
        let world = World::new();
        let lock = world.acquire("x").await.expect("free");
        lock.tell("2026-1").expect("written");
        let told = fs::read(world.locks.path(&world.place("x"), "holder").expect("a path")).expect("told");
        drop(lock);
        fs::write(world.locks.path(&world.place("x"), "holder").expect("a path"), told).expect("written");
        let _lock = world.acquire("x").await.expect("free");
        let error = world.acquire("x").await.expect_err("held").to_string();
        assert!(error.starts_with(&held()), "{error}");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_directory_is_locked_without_a_home_and_without_the_right_to_write() {
        use std::os::unix::fs::PermissionsExt;
        let world = World { locks: Locks::new(None), ..World::new() };
        fs::set_permissions(world.place("x"), fs::Permissions::from_mode(0o500)).expect("set");
        let lock = world.acquire("x").await.expect("free");
        lock.tell("2026-1").expect("nobody is told");
        let error = world.acquire("x").await.expect_err("held").to_string();
        assert!(error.starts_with(&held()), "{error}");
        let error = world.acquire("gone").await.expect_err("no place for a file").to_string();
        assert!(error.starts_with("the runbook `a/b` cannot be locked: "), "{error}");
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_waited_for() {
        let world = World::new();
        let place = world.place("x");
        let acquire = || world.locks.acquire(("a", &place), Duration::from_secs(30));
        let lock = acquire().await.expect("free");
        let (second, ()) = tokio::join!(acquire(), async {
            tokio::time::sleep(Duration::from_secs(10)).await;
            drop(lock);
        });
        assert!(second.is_ok());
    }
}
