//! Finds records and the files that are signed with them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::beginning::Beginning;
use super::{Directory, compressed};

/// The end of the name of a record's signature, after the name of the run.
const SIGNATURE: &str = ".jsonl.intoto.json";

/// Reads the bytes of the record at `path`, which may be compressed by gzip.
pub fn record_bytes(path: &Path) -> io::Result<Vec<u8>> {
    compressed::read(path)
}

/// Returns the names of the records whose signatures are in a directory, in order.
#[must_use]
pub fn signed_records(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let mut runs: Vec<String> = entries.filter_map(|entry| signed_record(&entry.path())).collect();
    runs.sort();
    runs
}

/// Returns the name of the record of which the file at `path` is the signature; none if its name is another one.
#[must_use]
pub fn signed_record(path: &Path) -> Option<String> {
    let run = path.file_name()?.to_str()?.strip_suffix(SIGNATURE)?;
    (!run.is_empty()).then(|| run.to_owned())
}

/// Returns the path of the signature of the record called `run`.
pub(super) fn signature_path(directory: &Path, run: &str) -> PathBuf {
    directory.join(format!("{run}{SIGNATURE}"))
}

impl Directory {
    /// Returns true if the journal of the run with that name contains a record, so that the run can be
    /// resumed.
    #[must_use]
    pub fn has_begun(&self, id: &str) -> bool {
        compressed::read_first_line(&self.file(id)).is_ok_and(|line| Beginning::parse(&line).is_some())
    }
}
