//! Lines of standard input, each in bounded memory.

use std::io::{self, BufRead, BufReader, Read};

/// The maximum length of a line, in bytes: an expression of 1 MiB, with every character escaped.
pub const MAX_LINE: usize = 8 << 20;
/// The capacity that the line buffer keeps between two lines, in bytes.
const KEPT: usize = 64 << 10;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads one line after another.
pub struct Lines<R> {
    reader: BufReader<R>,
    line: Vec<u8>,
    is_first: bool,
}

/// A line without its line break.
#[derive(Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// Its bytes.
    Bytes(&'a [u8]),
    /// A line longer than [`MAX_LINE`], which was skipped.
    TooLong,
}

impl<R: Read> Lines<R> {
    pub fn new(input: R) -> Self {
        Self { reader: BufReader::with_capacity(KEPT, input), line: Vec::new(), is_first: true }
    }

    /// Returns the next line; none at the end.
    pub fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        self.line.clear();
        self.line.shrink_to(KEPT);
        let limit = MAX_LINE as u64 + 1;
        if self.reader.by_ref().take(limit).read_until(b'\n', &mut self.line)? == 0 {
            return Ok(None);
        }
        let mark = std::mem::take(&mut self.is_first) && self.line.starts_with(BYTE_ORDER_MARK);
        if self.line.ends_with(b"\n") {
            self.line.pop();
        } else if self.line.len() > MAX_LINE {
            self.pass_over()?;
            return Ok(Some(Line::TooLong));
        }
        if self.line.ends_with(b"\r") {
            self.line.pop();
        }
        let start = if mark { BYTE_ORDER_MARK.len() } else { 0 };
        Ok(Some(Line::Bytes(&self.line[start..])))
    }

    /// Returns whether no further line is buffered, so that the writer may be waiting for a response.
    pub fn is_drained(&self) -> bool {
        !self.reader.buffer().contains(&b'\n')
    }

    fn pass_over(&mut self) -> io::Result<()> {
        self.line.clear();
        self.reader.skip_until(b'\n').map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_and_marks_are_left_out() {
        let mut lines = Lines::new(&b"\xef\xbb\xbfa\r\n\n\xef\xbb\xbfb\nc"[..]);
        for expected in [&b"a"[..], b"", b"\xef\xbb\xbfb", b"c"] {
            assert_eq!(lines.next().unwrap(), Some(Line::Bytes(expected)));
        }
        assert_eq!(lines.next().unwrap(), None);
    }

    #[test]
    fn a_line_too_long_is_passed_over() {
        let fits = io::repeat(b'x').take(MAX_LINE as u64);
        let input =
            io::repeat(b'x').take(3 * MAX_LINE as u64).chain(&b"\n"[..]).chain(fits).chain(&b"\nend"[..]);
        let mut lines = Lines::new(input);
        assert_eq!(lines.next().unwrap(), Some(Line::TooLong));
        assert!(matches!(lines.next().unwrap(), Some(Line::Bytes(bytes)) if bytes.len() == MAX_LINE));
        assert_eq!(lines.next().unwrap(), Some(Line::Bytes(b"end")));
        assert!(lines.line.capacity() <= 2 * KEPT);
    }
}
