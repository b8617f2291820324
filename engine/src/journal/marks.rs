//! Remembers which records are at a place outside of the machine.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::PathBuf;

use arcbook_os::{durable, private};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::directory::{NewFile, RecordFile};
use super::{Directory, Storage};
use crate::source::open_plain;
use crate::step::Uploaded;

/// The name of the file; its ending is not that of a record.
const FILE: &str = "shipped.log";

/// The size limit of the file, in bytes: that of millions of marks.
const LONGEST: u64 = 1 << 30;

/// The mark of a record that a place has. It is written after the place has confirmed that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    /// The name of the file.
    pub record: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// The SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// The place.
    pub to: String,
    /// The URL of the record at the place.
    pub url: String,
    /// The time, in RFC 3339.
    pub at: String,
}

impl Mark {
    pub fn of(record: &str, bytes: u64, to: &str, uploaded: &Uploaded) -> Self {
        let (sha256, url) = (uploaded.sha256.clone(), uploaded.url.clone());
        // A time in UTC always has this form.
        let at = OffsetDateTime::now_utc().format(&Rfc3339).unwrap_or_default();
        Self { record: record.to_owned(), bytes, sha256, to: to.to_owned(), url, at }
    }
}

/// The file of the marks in a directory of records: JSON Lines, which only grow.
pub(super) struct Marks {
    path: PathBuf,
    directory: PathBuf,
}

impl Marks {
    pub fn of(directory: &Directory) -> Self {
        Self { path: directory.path().join(FILE), directory: directory.path().to_owned() }
    }

    /// Returns the records that `place` has, each by its name without the file extension, with the name of the file
    /// and its size.
    pub fn at(&self, place: &str) -> io::Result<HashMap<String, (String, u64)>> {
        let marks = self.read()?.into_iter().filter(|(_, mark)| mark.to == place);
        Ok(marks.map(|(id, mark)| (id, (mark.record, mark.bytes))).collect())
    }

    /// Returns the names of the records, without the file extension, that a place has, with the place.
    pub fn all(&self) -> io::Result<HashSet<(String, String)>> {
        Ok(self.read()?.into_iter().map(|(id, mark)| (id, mark.to)).collect())
    }

    /// Reads the marks with the names of the records. A line that was cut off, as by a crash, is no mark.
    fn read(&self) -> io::Result<Vec<(String, Mark)>> {
        let file = match open_plain(&self.path) {
            Ok(file) => file.take(LONGEST),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut marks = Vec::new();
        for line in BufReader::new(file).split(b'\n') {
            let Ok(mark) = serde_json::from_slice::<Mark>(&line?) else { continue };
            let file = RecordFile::at(PathBuf::from(&mark.record));
            marks.extend(file.map(|file| (file.id, mark)));
        }
        Ok(marks)
    }

    /// Opens the file to add marks.
    pub fn open(&self) -> io::Result<NewFile> {
        let options =
            private::Options { create: true, read: true, append: true, ..private::Options::default() };
        let file = options.open(&self.path)?;
        Ok(NewFile { file, directory: Some(durable::Directory::open(&self.directory)?) })
    }

    /// Adds a mark; returns once it is durable.
    pub fn add(&self, storage: &mut dyn Storage, mark: &Mark) -> io::Result<()> {
        let line = serde_json::to_string(mark)?;
        // A mark that was cut off must not become the beginning of this one.
        let before = if self.is_cut_off()? { "\n" } else { "" };
        storage.write_all(format!("{before}{line}\n").as_bytes())?;
        storage.flush()?;
        storage.sync()
    }

    fn is_cut_off(&self) -> io::Result<bool> {
        let mut file = fs::File::open(&self.path)?;
        if file.seek(SeekFrom::End(0))? == 0 {
            return Ok(false);
        }
        file.seek(SeekFrom::End(-1))?;
        let mut last = [0];
        file.read_exact(&mut last)?;
        Ok(last != *b"\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(record: &str, to: &str) -> Mark {
        let uploaded = Uploaded { url: format!("{to}{record}"), sha256: "5e1f".to_owned(), was_there: false };
        Mark::of(record, 7, to, &uploaded)
    }

    #[test]
    fn a_mark_that_was_cut_off_counts_as_none_and_spoils_no_other() {
        let temporary = tempfile::tempdir().expect("a directory");
        let directory = Directory::new(temporary.path());
        let marks = Marks::of(&directory);
        assert!(marks.at("a/").expect("read").is_empty());
        let add = |mark: &Mark| {
            let mut file = marks.open().expect("opened");
            marks.add(&mut file, mark).expect("added");
        };
        add(&mark("1.jsonl", "a/"));
        let whole = fs::read(temporary.path().join(FILE)).expect("read");
        for cut in 0..whole.len() {
            fs::write(temporary.path().join(FILE), &whole[..cut]).expect("written");
            add(&mark("2.jsonl.gz", "a/"));
            add(&mark("3.jsonl", "b/"));
            let there = marks.at("a/").expect("read");
            // Only the line feed of the first mark is missing at the end.
            assert_eq!(there.contains_key("1"), cut == whole.len() - 1, "{cut}");
            assert_eq!(there["2"], ("2.jsonl.gz".to_owned(), 7), "{cut}");
            assert_eq!(marks.at("b/").expect("read").len(), 1, "{cut}");
        }
    }
}
