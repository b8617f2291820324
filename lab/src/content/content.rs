//! A sequence of bytes, of which only short pieces are in memory.

use std::fmt;
use std::io;
use std::ops::Range;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use super::Spool;
use super::spool::Extent;

/// The length up to which bytes stay in memory.
const SHORT: usize = 64 << 10;

/// A sequence of bytes; clones, joins and slices share them.
#[derive(Clone, Default)]
pub(crate) struct Content {
    parts: Vec<Part>,
    length: u64,
}

/// The bytes of a piece from `start` to `end`.
#[derive(Clone)]
struct Part {
    piece: Piece,
    start: usize,
    end: usize,
}

#[derive(Clone)]
enum Piece {
    Memory(Bytes),
    Stored(Arc<Extent>),
}

impl Content {
    /// Returns content with these bytes; long ones go to the spool.
    pub(crate) fn of(spool: &Arc<Spool>, bytes: &Bytes) -> io::Result<Self> {
        if bytes.len() <= SHORT {
            return Ok(bytes.clone().into());
        }
        let extent = spool.store(bytes)?;
        let part = Part { start: 0, end: extent.len(), piece: Piece::Stored(Arc::new(extent)) };
        Ok(Self { length: bytes.len() as u64, parts: vec![part] })
    }

    /// Returns the length in bytes.
    pub(crate) fn len(&self) -> u64 {
        self.length
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Adds `other` at the end.
    pub(crate) fn append(&mut self, other: &Self) {
        self.parts.extend_from_slice(&other.parts);
        self.length += other.length;
    }

    /// Returns the bytes of a range, as far as there are any.
    pub(crate) fn slice(&self, range: Range<u64>) -> Self {
        let mut slice = Self::default();
        let mut offset = 0;
        for part in &self.parts {
            let length = (part.end - part.start) as u64;
            // Both fit, because they are at most the length of the part.
            let within =
                |at: u64| usize::try_from(at.clamp(offset, offset + length) - offset).unwrap_or_default();
            let (start, end) = (within(range.start), within(range.end));
            if start < end {
                let part =
                    Part { piece: part.piece.clone(), start: part.start + start, end: part.start + end };
                slice.length += (end - start) as u64;
                slice.parts.push(part);
            }
            offset += length;
        }
        slice
    }

    /// Removes at most `most` bytes from the beginning and returns them; none at the end of the content.
    pub(crate) fn take(&mut self, most: usize) -> io::Result<Option<Bytes>> {
        let Some(part) = self.parts.first_mut() else { return Ok(None) };
        let length = (part.end - part.start).min(most);
        let bytes = part.piece.read(part.start, length)?;
        part.start += length;
        self.length -= length as u64;
        if part.start == part.end {
            self.parts.remove(0);
        }
        Ok(Some(bytes))
    }

    /// Reads all bytes.
    pub(crate) fn read(&self) -> io::Result<Bytes> {
        if let [part] = &self.parts[..] {
            return part.piece.read(part.start, part.end - part.start);
        }
        let mut bytes = BytesMut::new();
        for part in &self.parts {
            bytes.extend_from_slice(&part.piece.read(part.start, part.end - part.start)?);
        }
        Ok(bytes.freeze())
    }
}

impl Piece {
    fn read(&self, start: usize, length: usize) -> io::Result<Bytes> {
        match self {
            Self::Memory(bytes) => Ok(bytes.slice(start..start + length)),
            Self::Stored(extent) => extent.read(start, length),
        }
    }
}

impl From<Bytes> for Content {
    fn from(bytes: Bytes) -> Self {
        let length = bytes.len();
        let part = Part { piece: Piece::Memory(bytes), start: 0, end: length };
        Self { length: length as u64, parts: if length == 0 { Vec::new() } else { vec![part] } }
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Content({} bytes)", self.length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_bytes_are_not_in_memory() {
        let spool = Arc::new(Spool::default());
        let long = Bytes::from(vec![7; SHORT + 1]);
        let content = Content::of(&spool, &long).unwrap();
        assert!(matches!(content.parts[0].piece, Piece::Stored(_)));
        assert_eq!(content.read().unwrap(), long);
    }

    proptest::proptest! {
        #[test]
        fn slices_of_joined_content_are_those_of_its_bytes(
            pieces in proptest::collection::vec(proptest::collection::vec(0..=255_u8, 0..9), 0..5),
            start in 0_usize..40,
            length in 0_usize..40,
            most in 1_usize..5,
        ) {
            let all: Vec<u8> = pieces.concat();
            let mut content = Content::default();
            for piece in pieces {
                content.append(&Bytes::from(piece).into());
            }
            let (from, to) = (start.min(all.len()), (start + length).min(all.len()));
            let mut slice = content.slice(start as u64..(start + length) as u64);
            proptest::prop_assert_eq!(content.len(), all.len() as u64);
            proptest::prop_assert_eq!(&slice.read().unwrap()[..], &all[from..to]);
            let mut taken = Vec::new();
            while let Some(bytes) = slice.take(most).unwrap() {
                proptest::prop_assert!(bytes.len() <= most);
                taken.extend_from_slice(&bytes);
            }
            proptest::prop_assert_eq!(&taken[..], &all[from..to]);
        }
    }
}
