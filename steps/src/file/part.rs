//! Describes a part of a file.

use std::fs::File;
use std::io;
use std::sync::Arc;

use arcbook_os::position::read_at;
use bytes::{Bytes, BytesMut};

/// A part of an open file, which is read piece by piece.
#[derive(Clone, Debug)]
pub(crate) struct FilePart {
    file: Arc<File>,
    offset: u64,
    length: u64,
}

impl FilePart {
    /// Returns `length` bytes of `file` from `offset` on.
    pub fn new(file: Arc<File>, offset: u64, length: u64) -> Self {
        Self { file, offset, length }
    }

    /// Returns the length in bytes.
    pub fn len(&self) -> u64 {
        self.length
    }

    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Removes a piece of at most `most` bytes from the beginning and returns it.
    pub fn split(&mut self, most: u64) -> Self {
        let length = self.length.min(most);
        let piece = Self { file: Arc::clone(&self.file), offset: self.offset, length };
        (self.offset, self.length) = (self.offset + length, self.length - length);
        piece
    }

    /// Reads all bytes of the part, which blocks. Fails if the file is shorter by now.
    pub fn read(&self) -> io::Result<Bytes> {
        let mut bytes = BytesMut::zeroed(usize::try_from(self.length).map_err(io::Error::other)?);
        read_at(&self.file, &mut bytes, self.offset)?;
        Ok(bytes.freeze())
    }
}
