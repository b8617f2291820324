//! Finds the heads of a directory of records: the ends that no other record names.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use serde::Deserialize;

use super::beginning::Beginning;
use super::compressed::{self, Content};
use super::directory::RecordFile;
use super::{Digest, Directory, Head};

impl Directory {
    /// Returns the heads of the records here, in the order of their names, as if those for which `is_gone`
    /// returns true were gone.
    ///
    /// Only the first and the last line of each record are read. A record that cannot be read has no head: a
    /// run is not refused for it, and `verify` reports it.
    pub(super) fn heads(&self, is_gone: impl Fn(&str) -> bool) -> Vec<Head> {
        let files = self.files().unwrap_or_default();
        let kept = files.into_iter().filter(|file| !is_gone(&file.id));
        let begun: Vec<Begun> = kept.filter_map(Begun::read).collect();
        let beginnings = || begun.iter().map(|begun| &begun.beginning);
        let named: HashSet<&str> =
            beginnings().flat_map(Beginning::names).map(|(_, sha256)| sha256).collect();
        let ended: HashSet<&str> = beginnings()
            .flat_map(|beginning| &beginning.heads)
            .filter(|head| !head.unfinished)
            .map(|head| head.run.as_str())
            .collect();
        let heads = begun.iter().filter_map(|begun| begun.head(ended.contains(begun.file.id.as_str())));
        heads.filter(|head| !named.contains(head.sha256.as_str())).collect()
    }
}

/// A record with its first line.
struct Begun {
    file: RecordFile,
    beginning: Beginning,
    /// The last line; none yet if the file has to be decompressed for it.
    last: Option<Last>,
}

impl Begun {
    /// Reads the ends of a record; none if the file is no record, or cannot be read.
    fn read(file: RecordFile) -> Option<Self> {
        let mut ends = Ends::open(&file.path).ok()?;
        let beginning = Beginning::parse(&ends.first)?;
        let last = if ends.is_compressed() { None } else { Some(ends.last().ok()?) };
        Some(Self { file, beginning, last })
    }

    /// Returns the end of the record.
    ///
    /// A record whose end another one names (`is_ended`) does not grow, so it is not decompressed to find its
    /// end once more.
    fn head(&self, is_ended: bool) -> Option<Head> {
        let last = match self.last {
            Some(last) => last,
            None if is_ended => return None,
            None => Ends::open(&self.file.path).and_then(|mut ends| ends.last()).ok()?,
        };
        let (run, sha256) = (self.file.id.clone(), last.digest.to_string());
        Some(Head { run, sha256, unfinished: !last.is_end })
    }
}

/// The last complete line of a record.
#[derive(Clone, Copy)]
pub(super) struct Last {
    pub digest: Digest,
    /// True if the record ends with it.
    pub is_end: bool,
}

impl Last {
    fn of(line: &[u8]) -> Self {
        #[derive(Deserialize)]
        struct Line {
            event: String,
        }
        let is_end = serde_json::from_slice(line)
            .is_ok_and(|Line { event }| matches!(event.as_str(), "run_finished" | "prune_finished"));
        Self { digest: Digest::of(line), is_end }
    }
}

/// The first line of a record, and the means to read its last one.
pub(super) struct Ends {
    first: Vec<u8>,
    rest: Rest,
}

enum Rest {
    /// A plain file, which can be read from its end.
    Plain(File),
    /// A file that has to be decompressed up to its end.
    Compressed(Content),
}

/// The number of bytes that are read at once; most first and last lines are shorter.
const BLOCK: u64 = 8 << 10;

impl Ends {
    pub fn open(path: &Path) -> io::Result<Self> {
        let mut content = compressed::open(path)?;
        let first = compressed::first_line(&mut content)?;
        let rest = match content {
            Content::Plain(content) => Rest::Plain(content.into_inner().into_inner().1),
            Content::Compressed(_) => Rest::Compressed(content),
        };
        Ok(Self { first, rest })
    }

    fn is_compressed(&self) -> bool {
        matches!(self.rest, Rest::Compressed(_))
    }

    /// Reads the last complete line; fails if there is none.
    pub fn last(&mut self) -> io::Result<Last> {
        let first = self.first.strip_suffix(b"\n").unwrap_or(&self.first);
        let line = match &mut self.rest {
            Rest::Plain(file) => last_line(file)?,
            Rest::Compressed(content) => {
                let mut last = first.to_vec();
                while let Some(line) = compressed::first_line(content)?.strip_suffix(b"\n") {
                    last = line.to_vec();
                }
                last
            }
        };
        Ok(Last::of(&line))
    }
}

/// Reads the last complete line of a file from its end, without its line feed.
fn last_line(file: &mut File) -> io::Result<Vec<u8>> {
    let mut start = file.seek(SeekFrom::End(0))?;
    let mut tail = Vec::new();
    loop {
        let length = start.min(BLOCK.max(tail.len() as u64));
        start -= length;
        file.seek(SeekFrom::Start(start))?;
        let mut block = Vec::new();
        file.take(length).read_to_end(&mut block)?;
        block.append(&mut tail);
        tail = block;
        let end = tail.iter().rposition(|&byte| byte == b'\n');
        let begin = end.and_then(|end| tail[..end].iter().rposition(|&byte| byte == b'\n'));
        match (begin, end) {
            (Some(begin), Some(end)) => return Ok(tail[begin + 1..end].to_vec()),
            (None, Some(end)) if start == 0 => return Ok(tail[..end].to_vec()),
            (_, None) if start == 0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_last_complete_line_is_found_from_the_end() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("record");
        let long = "x".repeat(3 * 8192 + 7);
        let cases = [
            ("a\n".to_owned(), Some("a")),
            ("a\nb\n".to_owned(), Some("b")),
            ("a\nb\ncut".to_owned(), Some("b")),
            (format!("a\n{long}\n"), Some(long.as_str())),
            (format!("{long}\n{long}"), Some(long.as_str())),
            (format!("a\nb\n{long}"), Some("b")),
            ("a".to_owned(), None),
            (String::new(), None),
        ];
        for (content, expected) in cases {
            fs::write(&path, &content).expect("written");
            let found = last_line(&mut File::open(&path).expect("a file")).ok();
            assert_eq!(found.as_deref(), expected.map(str::as_bytes), "{} bytes", content.len());
        }
    }
}
