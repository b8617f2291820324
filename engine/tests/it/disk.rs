//! A disk that fails on purpose.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use arcbook_engine::journal::Storage;

/// A disk that takes some writes and some syncs, and then fails.
#[derive(Clone, Default)]
pub struct Disk {
    content: Arc<Mutex<Vec<u8>>>,
    /// How many writes and syncs were tried.
    tried: Arc<Mutex<usize>>,
    fails: Option<Fails>,
}

/// When and how a disk fails: the write or sync of that number, counted from 0, and all after it.
#[derive(Clone, Copy, Debug)]
pub struct Fails {
    pub at: usize,
    pub how: How,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It is full: nothing of a write gets there.
    Full,
    /// Half of a write gets there.
    Short,
    /// The first failure is the only one, as some systems tell of a failed sync just once.
    Once,
}

impl Disk {
    pub fn that(fails: Fails) -> Self {
        Self { fails: Some(fails), ..Self::default() }
    }

    pub fn content(&self) -> Vec<u8> {
        self.content.lock().unwrap().clone()
    }

    /// Whether it came to a failure.
    pub fn has_failed(&self) -> bool {
        self.fails.is_some_and(|fails| *self.tried.lock().unwrap() > fails.at)
    }

    /// How this try fails, if it does.
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
    /// A write that succeeds takes half of what it could, as it may.
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
