//! Crash injection for tests, only in builds with debug assertions.

use std::io::{self, Write};

use arcbook_engine::journal::Storage;

/// A journal that can crash before, during and after each write, and before and after each sync; these
/// moments are counted from 1.
pub struct Mortal<S> {
    file: S,
    dies_at: Option<usize>,
    now: usize,
}

impl<S: Storage> Mortal<S> {
    /// Creates a journal that crashes at the moment `ARCBOOK_TEST_DIE_AT`.
    pub fn new(file: S) -> Self {
        let dies_at = std::env::var("ARCBOOK_TEST_DIE_AT").ok().and_then(|at| at.parse().ok());
        Self { file, dies_at, now: 0 }
    }

    /// Creates a file of marks that crashes at the moment `ARCBOOK_TEST_DIE_MARKING_AT`.
    pub fn marking(file: S) -> Self {
        let dies_at = std::env::var("ARCBOOK_TEST_DIE_MARKING_AT").ok().and_then(|at| at.parse().ok());
        Self { file, dies_at, now: 0 }
    }

    /// Returns whether this moment is the last.
    fn is_last(&mut self) -> bool {
        self.now += 1;
        self.dies_at == Some(self.now)
    }

    fn moment(&mut self) {
        if self.is_last() {
            die();
        }
    }
}

impl<S: Storage> Write for Mortal<S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.moment();
        if self.is_last() {
            self.file.write_all(&bytes[..bytes.len() / 2])?;
            die();
        }
        self.file.write_all(bytes)?;
        self.moment();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl<S: Storage> Storage for Mortal<S> {
    fn sync(&mut self) -> io::Result<()> {
        self.moment();
        self.file.sync()?;
        self.moment();
        Ok(())
    }
}

/// Ends the process like `kill -9`.
fn die() -> ! {
    #[cfg(unix)]
    let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    std::process::abort()
}
