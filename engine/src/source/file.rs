//! Holds the text of one file.

use std::ops::{Range, RangeInclusive};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::slashed;

/// The byte-order mark with which some editors begin a file.
pub const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Returns the bytes of a file without a leading byte-order mark.
#[must_use]
pub fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(BYTE_ORDER_MARK.as_bytes()).unwrap_or(bytes)
}

/// The text without the byte-order mark that it may begin with.
#[must_use]
pub fn text_without_mark(text: &str) -> &str {
    text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text)
}

/// A line and a column, both counted from 1; the column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

/// A file's path and text.
#[derive(Debug)]
pub struct SourceFile {
    path: PathBuf,
    text: String,
    /// True if a byte-order mark came before the text.
    marked: bool,
    /// True if messages may name positions in it but not quote it.
    confidential: bool,
    line_starts: Vec<usize>,
    /// The number of characters before each multiple of [`STRIDE`] bytes.
    characters: Vec<usize>,
}

/// The distance between indexed positions, in bytes; characters within it are counted anew.
const STRIDE: usize = 1 << 10;

impl SourceFile {
    /// Returns a file with `text`, read from `path`.
    ///
    /// Messages, plans and records name the file with `/` on Windows too, so that those of one runbook are alike.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, text: String) -> Self {
        let path = path.into();
        let path = if cfg!(windows) { slashed(&path).into() } else { path };
        let starts = text.bytes().enumerate().filter(|&(_, byte)| byte == b'\n').map(|(at, _)| at + 1);
        let line_starts = std::iter::once(0).chain(starts).collect();
        let strides = text.as_bytes().chunks(STRIDE).map(characters);
        let count = |before: &mut usize, more: usize| Some(std::mem::replace(before, *before + more));
        let characters = strides.chain([0]).scan(0, count).collect();
        Self { path, text, marked: false, confidential: false, line_starts, characters }
    }

    /// Marks the file as beginning with a byte-order mark.
    #[must_use]
    pub fn after_mark(self) -> Self {
        Self { marked: true, ..self }
    }

    /// Marks the file as confidential: messages name positions in it but do not quote it. It contains values
    /// from outside the runbook, which may be secrets even if the runbook does not declare them so.
    #[must_use]
    pub fn confidential(self) -> Self {
        Self { confidential: true, ..self }
    }

    /// Returns true if messages must not quote the file.
    #[must_use]
    pub fn is_confidential(&self) -> bool {
        self.confidential
    }

    /// Returns the SHA-256 of the bytes of the file, in hexadecimal.
    #[must_use]
    pub fn sha256(&self) -> String {
        let mut sha = Sha256::new();
        if self.marked {
            sha.update(BYTE_ORDER_MARK);
        }
        sha.update(&self.text);
        format!("{:x}", sha.finalize())
    }

    /// Returns the path as the user would write it.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the line and column of a byte offset; an offset past the end counts as the end.
    #[must_use]
    pub fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.text.len());
        let line = self.line_starts.partition_point(|&start| start <= offset);
        let start = self.line_starts[line - 1];
        let column = self.characters_before(offset) - self.characters_before(start) + 1;
        Position { line, column }
    }

    /// Returns the indexes, from 0, of the lines that contain these bytes.
    pub(crate) fn lines_of(&self, bytes: &Range<usize>) -> RangeInclusive<usize> {
        let line = |offset| self.line_starts.partition_point(|&start| start <= offset) - 1;
        line(bytes.start)..=line(bytes.end)
    }

    /// Returns the line with that index, from 0, without its line feed, and its byte offset.
    pub(crate) fn line(&self, number: usize) -> (usize, &str) {
        let start = self.line_starts.get(number).copied().unwrap_or(self.text.len());
        let end = self.line_starts.get(number + 1).map_or(self.text.len(), |next| next - 1);
        (start, &self.text[start..end])
    }

    /// Returns the number of characters that begin before a byte.
    fn characters_before(&self, offset: usize) -> usize {
        let stride = offset / STRIDE;
        self.characters[stride] + characters(&self.text.as_bytes()[stride * STRIDE..offset])
    }
}

/// Returns the number of characters that begin in these bytes.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&byte| byte & 0b1100_0000 != 0b1000_0000).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_from_one() {
        let file = SourceFile::new("a", "ab\nüx\n".to_owned());
        let cases = [(0, 1, 1), (2, 1, 3), (3, 2, 1), (5, 2, 2), (7, 3, 1), (99, 3, 1)];
        for (offset, line, column) in cases {
            assert_eq!(file.position(offset), Position { line, column }, "offset {offset}");
        }
    }

    #[test]
    fn positions_in_a_long_line_are_counted_as_in_a_short_one() {
        let text = format!("x\n{}", "aü日".repeat(2_000));
        let file = SourceFile::new("a", text.clone());
        for offset in (2..text.len()).filter(|at| text.is_char_boundary(*at)) {
            let column = text[2..offset].chars().count() + 1;
            assert_eq!(file.position(offset), Position { line: 2, column }, "offset {offset}");
        }
    }

    #[test]
    fn lines_have_numbers() {
        let file = SourceFile::new("a", "ab\n\nc".to_owned());
        assert_eq!([0, 1, 2, 3].map(|line| file.line(line)), [(0, "ab"), (3, ""), (4, "c"), (5, "")]);
        assert_eq!(file.lines_of(&(1..4)), 0..=2);
    }
}
