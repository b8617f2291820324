//! Reads records that may be compressed by gzip.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Chain, Cursor, ErrorKind, Read, Seek, SeekFrom, Take};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use crate::source::open_plain;

/// The suffix that gzip adds to the name of a file.
pub(super) const COMPRESSED: &str = ".gz";

/// The first bytes of gzip's format; no line of JSON begins with them.
const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// The size limit of a record, in bytes, after decompression too; the journal of a run of a hundred thousand
/// steps has a tenth of it.
pub(super) const LONGEST: u64 = 1 << 30;

/// A file from its beginning, of which the first bytes were read already.
type Whole = BufReader<Chain<Cursor<Vec<u8>>, File>>;

/// The content of a record, decompressed if its bytes are gzip's; its name does not matter.
pub(super) enum Content {
    /// A file as it is.
    Plain(Whole),
    /// A file that is decompressed while it is read, up to one byte more than the limit.
    Compressed(Box<BufReader<Take<MultiGzDecoder<Whole>>>>),
}

/// The size limit of a record from another machine, in bytes, after decompression too.
pub(super) const LONGEST_FOREIGN: u64 = 1 << 28;

/// Opens the record at `path` for reading, without ever blocking.
pub(super) fn open(path: &Path) -> io::Result<Content> {
    let mut file = open_plain(path)?;
    let mut magic = Vec::new();
    (&mut file).take(MAGIC.len() as u64).read_to_end(&mut magic)?;
    let is_compressed = magic == MAGIC;
    let whole = BufReader::new(Cursor::new(magic).chain(file));
    Ok(if is_compressed {
        let content = MultiGzDecoder::new(whole).take(LONGEST + 1);
        Content::Compressed(Box::new(BufReader::new(content)))
    } else {
        Content::Plain(whole)
    })
}

/// Reads the record at `path`.
///
/// # Errors
///
/// Fails with [`ErrorKind::FileTooLarge`] if the record is too long, however small its compressed form is.
pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    read_at_most(path, LONGEST)
}

/// Reads the record at `path` as [`read`] does, if it has at most that many bytes.
pub(super) fn read_at_most(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    read_part(path, None, most)
}

/// The number of bytes that are kept while the length is not known.
const SMALL: u64 = 4 << 20;

/// Reads the record at `path` up to the first byte `until`, or the whole of it, in a buffer of its length.
///
/// A buffer that grows while it is filled takes up to three times as much, and a record from elsewhere may be a small file with
/// much in it: so a longer one is read twice, and its bytes are only counted first.
fn read_part(path: &Path, until: Option<u8>, most: u64) -> io::Result<Vec<u8>> {
    let mut content = open(path)?;
    let mut bytes = Vec::new();
    let start = SMALL.min(most + 1);
    let mut beginning = (&mut content).take(start);
    match until {
        Some(until) => beginning.read_until(until, &mut bytes)?,
        None => beginning.read_to_end(&mut bytes)?,
    };
    let is_all = (bytes.len() as u64) < start || until.is_some_and(|until| bytes.ends_with(&[until]));
    if !is_all {
        drop(std::mem::take(&mut bytes));
        let rest = count(&mut content, until, most - start.min(most))?.ok_or_else(|| too_large(most))?;
        bytes.reserve_exact(usize::try_from(start + rest).map_err(|_| too_large(most))?);
        open(path)?.take(start + rest).read_to_end(&mut bytes)?;
    }
    if bytes.len() as u64 > most { Err(too_large(most)) } else { Ok(bytes) }
}

/// Counts the bytes up to the first byte `until`, or to the end; none if they are more than `most`.
fn count(content: &mut impl BufRead, until: Option<u8>, most: u64) -> io::Result<Option<u64>> {
    let mut count = 0;
    loop {
        let bytes = match content.fill_buf() {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let end = until.and_then(|until| bytes.iter().position(|byte| *byte == until));
        let (taken, is_end) = (end.map_or(bytes.len(), |end| end + 1), end.is_some() || bytes.is_empty());
        content.consume(taken);
        count += taken as u64;
        if count > most {
            return Ok(None);
        }
        if is_end {
            return Ok(Some(count));
        }
    }
}

/// Returns true if the record at `path` has that many bytes before compression.
pub(super) fn has_length(path: &Path, bytes: u64) -> io::Result<bool> {
    let mut end = [0; 4];
    let mut file = open_plain(path)?;
    let is_long = file.seek(SeekFrom::End(-4)).is_ok();
    if is_long {
        file.read_exact(&mut end)?;
    }
    // The format ends with the length of its last part, which is nearly always the only one.
    if is_long && u64::from(u32::from_le_bytes(end)) == bytes {
        return Ok(true);
    }
    Ok(io::copy(&mut open(path)?.take(bytes + 1), &mut io::sink())? == bytes)
}

/// Reads the first line of the record at `path`, with its line feed if it has one.
pub(super) fn read_first_line(path: &Path) -> io::Result<Vec<u8>> {
    read_first_line_at_most(path, LONGEST)
}

/// Reads the first line of the record at `path` as [`read_first_line`] does, if it has at most that many bytes.
pub(super) fn read_first_line_at_most(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    read_part(path, Some(b'\n'), most)
}

/// Reads the next line, with its line feed if it has one.
pub(super) fn first_line(content: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    content.take(LONGEST + 1).read_until(b'\n', &mut line)?;
    if line.len() as u64 > LONGEST { Err(too_large(LONGEST)) } else { Ok(line) }
}

fn too_large(most: u64) -> io::Error {
    io::Error::new(ErrorKind::FileTooLarge, format!("it has more than {most} bytes"))
}

impl Read for Content {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(content) => content.read(bytes),
            Self::Compressed(content) => content.read(bytes),
        }
    }
}

impl BufRead for Content {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        match self {
            Self::Plain(content) => content.fill_buf(),
            Self::Compressed(content) => content.fill_buf(),
        }
    }

    fn consume(&mut self, count: usize) {
        match self {
            Self::Plain(content) => content.consume(count),
            Self::Compressed(content) => content.consume(count),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).expect("compressed");
        encoder.finish().expect("compressed")
    }

    #[test]
    fn a_record_is_read_by_its_bytes_and_never_beyond_the_limit() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("record");
        let text = b"first\nsecond\n";
        let two_members = [gzip(b"first\n"), gzip(b"second\n")].concat();
        let cut = gzip(text)[..12].to_vec();
        // A megabyte of zeros takes a thousandth of it; the members of a file may be many.
        let bomb = gzip(&vec![b'0'; 1 << 20]).repeat(1025);
        let cases = [
            (text.to_vec(), Ok(text.to_vec())),
            (gzip(text), Ok(text.to_vec())),
            (two_members, Ok(text.to_vec())),
            (Vec::new(), Ok(Vec::new())),
            (vec![0x1f], Ok(vec![0x1f])),
            (cut, Err(ErrorKind::UnexpectedEof)),
            (bomb, Err(ErrorKind::FileTooLarge)),
        ];
        for (content, expected) in cases {
            std::fs::write(&path, &content).expect("written");
            let len = content.len();
            assert_eq!(read(&path).map_err(|error| error.kind()), expected, "{len} bytes");
            let line = expected.map(|text| {
                text.split_inclusive(|&byte| byte == b'\n').next().map_or_else(Vec::new, <[u8]>::to_vec)
            });
            assert_eq!(read_first_line(&path).map_err(|error| error.kind()), line, "{len} bytes");
        }
    }

    /// A small file may have much in it.
    #[test]
    fn a_record_takes_no_more_memory_than_its_length() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("record");
        let mebibyte = 1 << 20;
        let zeros = gzip(&vec![b'0'; mebibyte]);
        for (count, line) in [(1, "\n"), (4, ""), (4, "\n"), (20, ""), (20, "\nand more")] {
            std::fs::write(&path, [zeros.repeat(count), gzip(line.as_bytes())].concat()).expect("written");
            let length = count * mebibyte + line.len();
            let bytes = read_at_most(&path, length as u64).expect("the whole");
            assert!(bytes.len() == length && bytes.ends_with(line.as_bytes()), "{count} {line:?}");
            let first = read_first_line_at_most(&path, length as u64).expect("the line");
            assert_eq!(first.len(), count * mebibyte + usize::from(!line.is_empty()), "{count} {line:?}");
            assert!(count < 20 || bytes.capacity() + first.capacity() == bytes.len() + first.len());
            let errors = [read_at_most(&path, length as u64 - 1), read_first_line_at_most(&path, 9)];
            for error in errors {
                assert_eq!(error.map_err(|error| error.kind()).err(), Some(ErrorKind::FileTooLarge));
            }
        }
    }
}
