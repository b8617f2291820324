//! A disk with injected failures.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use arcbook_engine::journal::Storage;

/// A disk that accepts some writes and fsyncs, and then fails.
#[derive(Clone, Default)]
pub struct Disk {
    content: Arc<Mutex<Vec<u8>>>,
    /// Number of attempted writes and fsyncs.
    tried: Arc<Mutex<usize>>,
    fails: Option<Fails>,
}

/// The first failing write or fsync, counted from 0, and the kind of the failure.
#[derive(Clone, Copy, Debug)]
pub struct Fails {
    pub at: usize,
    pub how: How,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// The disk is full: nothing is written.
    Full,
    /// Half of the data is written.
    Short,
    /// Only one operation fails, since some systems report a failed fsync only once.
    Once,
}

impl Disk {
    pub fn that(fails: Fails) -> Self {
        Self { fails: Some(fails), ..Self::default() }
    }

    pub fn content(&self) -> Vec<u8> {
        self.content.lock().unwrap().clone()
    }

    /// Returns whether a failure has occurred.
    pub fn has_failed(&self) -> bool {
        self.fails.is_some_and(|fails| *self.tried.lock().unwrap() > fails.at)
    }

    /// Counts an operation and returns its failure, if it fails.
    fn next(&self) -> Option<How> {
        let mut tried = self.tried.lock().unwrap();
        *tried += 1;
        let Fails { at, how } = self.fails?;
        let fails = if how == How::Once { *tried == at + 1 } else { *tried > at };
        fails.then_some(how)
    }

    fn keep(&self, bytes: &[u8]) {
        self.content.lock().unwrap().extend_from_slice(bytes);
    }
}

impl Write for Disk {
    /// A successful write accepts only half of the data, as the contract of `write` permits.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let half = bytes.len().div_ceil(2);
        match self.next() {
            None => {
                self.keep(&bytes[..half]);
                Ok(half)
            }
            Some(how) => {
                if how == How::Short {
                    self.keep(&bytes[..half]);
                }
                Err(io::Error::new(io::ErrorKind::StorageFull, "no space left"))
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Storage for Disk {
    fn sync(&mut self) -> io::Result<()> {
        match self.next() {
            None => Ok(()),
            Some(_) => Err(io::Error::other("input/output error")),
        }
    }
}
