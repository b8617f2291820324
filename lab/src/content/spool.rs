//! A temporary file for bytes that a lab does not hold in memory.

use std::fs::File;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::{Bytes, BytesMut};

/// A temporary file, created at the first write and gone with the lab. The space of dropped extents is used again.
#[derive(Default)]
pub(crate) struct Spool(Mutex<State>);

#[derive(Default)]
struct State {
    file: Option<Arc<File>>,
    end: u64,
    /// Offsets and lengths of the free space before `end`.
    free: Vec<(u64, u64)>,
}

/// Bytes in a spool.
pub(super) struct Extent {
    spool: Arc<Spool>,
    file: Arc<File>,
    offset: u64,
    length: usize,
}

impl Spool {
    /// Writes `bytes` to the file.
    pub(super) fn store(self: &Arc<Self>, bytes: &[u8]) -> io::Result<Extent> {
        let (file, offset) = self.lock().take(bytes.len() as u64)?;
        let extent = Extent { spool: Arc::clone(self), file, offset, length: bytes.len() };
        write_at(&extent.file, bytes, offset)?;
        Ok(extent)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Returns the file, and the offset of free space of this length.
    fn take(&mut self, length: u64) -> io::Result<(Arc<File>, u64)> {
        let file = match &self.file {
            Some(file) => Arc::clone(file),
            None => Arc::clone(self.file.insert(Arc::new(tempfile::tempfile()?))),
        };
        if let Some(at) = self.free.iter().position(|(_, free)| *free >= length) {
            let (offset, free) = self.free.swap_remove(at);
            if free > length {
                self.free.push((offset + length, free - length));
            }
            return Ok((file, offset));
        }
        let offset = self.end;
        self.end += length;
        Ok((file, offset))
    }
}

impl Extent {
    pub(super) fn len(&self) -> usize {
        self.length
    }

    /// Reads `length` bytes from `start` on; the caller keeps within the extent.
    pub(super) fn read(&self, start: usize, length: usize) -> io::Result<Bytes> {
        let mut bytes = BytesMut::zeroed(length);
        read_at(&self.file, &mut bytes, self.offset + start as u64)?;
        Ok(bytes.freeze())
    }
}

impl Drop for Extent {
    fn drop(&mut self) {
        self.spool.lock().free.push((self.offset, self.length as u64));
    }
}

#[cfg(unix)]
fn write_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, offset)
}

#[cfg(unix)]
fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, offset)
}

#[cfg(windows)]
fn write_at(file: &File, mut bytes: &[u8], mut offset: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match std::os::windows::fs::FileExt::seek_write(file, bytes, offset)? {
            0 => return Err(io::ErrorKind::WriteZero.into()),
            written => (bytes, offset) = (&bytes[written..], offset + written as u64),
        }
    }
    Ok(())
}

#[cfg(windows)]
fn read_at(file: &File, mut bytes: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, bytes, offset)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => (bytes, offset) = (&mut bytes[read..], offset + read as u64),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_space_is_used_again() {
        let spool = Arc::new(Spool::default());
        let [first, second] = [b"first", b"other"].map(|bytes| spool.store(bytes).unwrap());
        drop(first);
        let [short, rest, new] = [&b"ab"[..], b"cde", b"f"].map(|bytes| spool.store(bytes).unwrap());
        assert_eq!((short.offset, rest.offset, new.offset), (0, 2, 10));
        let read = |extent: &Extent| extent.read(0, extent.len()).unwrap();
        assert_eq!([&second, &short, &rest, &new].map(read), ["other", "ab", "cde", "f"]);
        assert_eq!(second.read(1, 3).unwrap(), "the");
    }
}
