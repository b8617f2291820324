//! Remembers which records are at a place outside of the machine.

use std::collections::HashMap;
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::PathBuf;

use arcbook_os::{durable, private};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::directory::{NewFile, RecordFile};
use super::{Directory, JournalError, Storage, compressed};
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

/// The records that places outside of the machine have: the name and the size of the file, by the place and the name of
/// the record.
#[derive(Debug, Default)]
pub(super) struct Marked(HashMap<(String, String), (String, u64)>);

impl Marked {
    /// Returns true if `place` has this record with all that it holds now.
    pub fn has(&self, place: &str, file: &RecordFile) -> bool {
        let key = (place.to_owned(), file.id.clone());
        self.0.get(&key).is_some_and(|(name, bytes)| is_same(file, name, *bytes))
    }
}

/// Returns true if a file has as many bytes as the marked one had.
///
/// A record is compressed after its end, so that a copy of another name has them before compression. A copy that was
/// decompressed since cannot be compared.
fn is_same(file: &RecordFile, name: &str, bytes: u64) -> bool {
    let is_named = |own: &std::ffi::OsStr| own.to_string_lossy() == *name;
    if file.path.file_name().is_some_and(is_named) {
        return file.path.metadata().is_ok_and(|metadata| metadata.len() == bytes);
    }
    name.ends_with(compressed::COMPRESSED)
        || compressed::has_length(&file.path, bytes).is_ok_and(|has_length| has_length)
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

    /// Returns the records that places have.
    pub fn marked(&self) -> Result<Marked, JournalError> {
        let marks = self.read().map_err(|source| self.failed(source))?.into_iter();
        Ok(Marked(marks.map(|(id, mark)| ((mark.to, id), (mark.record, mark.bytes))).collect()))
    }

    /// Returns the error of a file of marks that cannot be read or written.
    pub fn failed(&self, source: io::Error) -> JournalError {
        JournalError::Marks { path: self.path.clone(), source }
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
        Ok(NewFile { file, directory: Some(durable::Directory::open(&self.directory)?), _lock: None })
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
        let has = |place: &str, name: &str| {
            let file = RecordFile::at(temporary.path().join(name)).expect("a record");
            marks.marked().expect("read").has(place, &file)
        };
        for name in ["1.jsonl", "2.jsonl.gz", "3.jsonl"] {
            fs::write(temporary.path().join(name), "7 bytes").expect("written");
        }
        assert!(!has("a/", "1.jsonl"));
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
            // Only the line feed of the first mark is missing at the end.
            assert_eq!(has("a/", "1.jsonl"), cut == whole.len() - 1, "{cut}");
            assert!(has("a/", "2.jsonl.gz") && !has("a/", "3.jsonl") && has("b/", "3.jsonl"), "{cut}");
        }
    }

    #[test]
    fn a_place_has_a_record_only_with_all_that_it_holds_now() {
        let gzip = |bytes: &[u8]| {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            io::Write::write_all(&mut encoder, bytes).expect("compressed");
            encoder.finish().expect("compressed")
        };
        let long = gzip(b"a longer one");
        for (marked, name, content, expected) in [
            ("1.jsonl", "1.jsonl", &b"7 bytes"[..], true),
            ("1.jsonl", "1.jsonl", b"a longer one", false),
            ("1.jsonl", "1.jsonl", b"", false),
            ("1.jsonl", "1.jsonl.gz", &gzip(b"7 bytes"), true),
            ("1.jsonl", "1.jsonl.gz", &[gzip(b"7 by"), gzip(b"tes")].concat(), true),
            ("1.jsonl", "1.jsonl.gz", &long, false),
            ("1.jsonl", "1.jsonl.gz", &long[..long.len() - 9], false),
            ("1.jsonl.gz", "1.jsonl.gz", b"7 bytes", true),
            ("1.jsonl.gz", "1.jsonl", b"decompressed since", true),
        ] {
            let temporary = tempfile::tempdir().expect("a directory");
            let marks = Marks::of(&Directory::new(temporary.path()));
            marks.add(&mut marks.open().expect("opened"), &mark(marked, "a/")).expect("added");
            fs::write(temporary.path().join(name), content).expect("written");
            let file = RecordFile::at(temporary.path().join(name)).expect("a record");
            assert_eq!(
                marks.marked().expect("read").has("a/", &file),
                expected,
                "{marked} {name} {content:?}"
            );
        }
    }
}
