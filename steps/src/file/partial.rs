//! A file that arrives in ranges, with a record of those that have arrived.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arcbook_os::position::write_at;
use arcbook_os::private::Options;

use super::{FilePart, Siblings, Trouble};

/// A file that arrives in ranges, beside its target.
///
/// The record has a line for each range, with its index and its MD5, written after the range itself; its first line is
/// the version of the source. A range counts only if the file has the recorded content: a crash of the machine may keep
/// the record and lose the range.
#[derive(Clone, Debug)]
pub(crate) struct Partial {
    data: Arc<File>,
    record: Arc<File>,
    place: PathBuf,
    recorded: PathBuf,
}

impl Partial {
    /// Opens the file of an earlier run if it is of the same `version`, a line of text, or else creates one of `size`
    /// bytes. Returns the MD5 of the recorded ranges too, by index.
    pub fn open(
        siblings: &Siblings,
        version: &str,
        size: u64,
    ) -> Result<(Self, HashMap<usize, String>), Trouble> {
        let (place, recorded) = (siblings.new.clone(), siblings.ranges.clone());
        let ranges = read(&recorded).filter(|(first, _)| first == version).map(|(_, ranges)| ranges);
        let existing = ranges.and_then(|ranges| {
            let data =
                open(&place, false).ok().filter(|data| data.metadata().is_ok_and(|is| is.len() == size))?;
            Some((data, open(&recorded, true).ok()?, ranges))
        });
        let partial = |data, record| Self { data: Arc::new(data), record: Arc::new(record), place, recorded };
        if let Some((data, record, ranges)) = existing {
            return Ok((partial(data, record), ranges));
        }
        discard(siblings);
        let data = create(&siblings.new)?;
        let begin = || {
            reserve(&data, size)?;
            let mut record = create(&siblings.ranges)?;
            writeln!(record, "{version}").map_err(Trouble::unwritable)?;
            Ok(record)
        };
        match begin() {
            Ok(record) => Ok((partial(data, record), HashMap::new())),
            Err(error) => {
                discard(siblings);
                Err(error)
            }
        }
    }

    /// Returns a part of the file.
    pub fn part(&self, offset: u64, length: u64) -> FilePart {
        FilePart::new(Arc::clone(&self.data), offset, length)
    }

    /// Writes the range with that index, which begins at `offset` and has that MD5, and records it.
    pub fn write(&self, index: usize, offset: u64, (bytes, md5): (&[u8], &str)) -> Result<(), Trouble> {
        write_at(&self.data, bytes, offset).map_err(Trouble::unwritable)?;
        // One write each, so that the lines of concurrent ranges are not mixed.
        let line = format!("{index} {md5}\n");
        (&*self.record).write_all(line.as_bytes()).map_err(Trouble::unwritable)
    }

    /// Returns the complete file, and its path; removes the record.
    pub fn complete(self) -> (Arc<File>, PathBuf) {
        drop(std::fs::remove_file(&self.recorded));
        (self.data, self.place)
    }
}

/// Removes what has arrived; a failure to do so is not worth another error.
pub(crate) fn discard(siblings: &Siblings) {
    for path in [&siblings.ranges, &siblings.new] {
        drop(std::fs::remove_file(path));
    }
}

/// Reads a record: the version, and the MD5 of the ranges. A last line without its end is ignored.
fn read(path: &Path) -> Option<(String, HashMap<usize, String>)> {
    let mut lines = BufReader::new(open(path, false).ok()?);
    let mut next = || {
        let mut line = String::new();
        lines.read_line(&mut line).ok()?;
        line.strip_suffix('\n').map(str::to_owned)
    };
    let version = next()?;
    let mut ranges = HashMap::new();
    while let Some(line) = next() {
        // A line that was cut off is joined to the next one: both ranges are received again.
        if let Some((index, md5)) = line.split_once(' ')
            && let Ok(index) = index.parse()
        {
            ranges.insert(index, md5.to_owned());
        }
    }
    Some((version, ranges))
}

/// Opens an existing file, which must not be a link, to be read and written, or appended to.
fn open(path: &Path, appends: bool) -> io::Result<File> {
    let options =
        Options { read: true, write: !appends, append: appends, no_follow: true, ..Options::default() };
    let file = options.open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::ErrorKind::InvalidInput.into()) }
}

fn create(path: &Path) -> Result<File, Trouble> {
    let options = Options { read: true, write: true, create_new: true, ..Options::default() };
    options.open(path).map_err(Trouble::uncreatable)
}

/// Reserves the space for a file, so that a full disk shows before anything is received.
fn reserve(file: &File, size: u64) -> Result<(), Trouble> {
    #[cfg(target_os = "linux")]
    if let Ok(length) = i64::try_from(size)
        && length > 0
        && let Err(error @ (nix::Error::ENOSPC | nix::Error::EFBIG | nix::Error::EDQUOT)) =
            nix::fcntl::fallocate(file, nix::fcntl::FallocateFlags::empty(), 0, length)
    {
        return Err(Trouble::unwritable(error.into()));
    }
    file.set_len(size).map_err(Trouble::unwritable)
}

#[cfg(test)]
mod tests {
    use super::super::md5;
    use super::*;

    #[test]
    fn ranges_are_kept_for_the_same_version() {
        let directory = tempfile::tempdir().unwrap();
        let siblings = Siblings::of(&directory.path().join("file"), "run", "step.a.b");
        let open = |version: &str, size| Partial::open(&siblings, version, size).unwrap();
        let (partial, ranges) = open("etag 1", 6);
        assert!(ranges.is_empty());
        partial.write(1, 3, (b"def", &md5(b"def"))).unwrap();
        partial.write(0, 0, (b"abc", &md5(b"abc"))).unwrap();
        drop(partial);
        let (partial, ranges) = open("etag 1", 6);
        assert_eq!(ranges, [(0, md5(b"abc")), (1, md5(b"def"))].into_iter().collect());
        assert_eq!(partial.part(1, 4).read().unwrap(), "bcde");
        // A line without its end is not counted.
        (&*partial.record).write_all(b"2 torn").unwrap();
        drop(partial);
        assert_eq!(open("etag 1", 6).1.len(), 2);
        for (version, size) in [("etag 2", 6), ("etag 2", 7)] {
            open(version, size).0.write(0, 0, (b"x", &md5(b"x"))).unwrap();
            assert_eq!(open(version, size).1.len(), 1, "{version}");
        }
        std::fs::remove_file(&siblings.new).unwrap();
        assert!(open("etag 2", 7).1.is_empty(), "a record without its file");
        let (_, place) = open("etag 2", 7).0.complete();
        assert!(place.exists() && !siblings.ranges.exists());
    }
}
