//! Defines the record of a removal: its lines and the file that holds them.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use arcbook_os::durable::Directory;
use arcbook_os::lock::FileLock;
use serde::{Deserialize, Serialize};

use super::directory::new_file;
use super::{Digest, GENESIS, Head};
use crate::run::{Approval, Versions, now};
use crate::step::Actor;

/// A record that is removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removed {
    /// The name of the record.
    pub run: String,
    /// The SHA-256 of its last complete line, in hexadecimal; none if it has no complete line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// The size of its file.
    pub bytes: u64,
}

/// A record that could not be removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    /// The name of the record.
    pub run: String,
    /// The reason.
    pub reason: String,
}

/// The beginning and the end of a removal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PruneEvent {
    /// The records are removed after this event is durable.
    PruneStarted,
    /// The removal is over.
    PruneFinished,
}

/// A line of the record of a removal.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    prev: String,
    seq: u64,
    at: String,
    event: PruneEvent,
    #[serde(flatten, skip_deserializing)]
    facts: Facts,
}

/// The facts of an event; they are read from the first line as those of every record are.
#[derive(Debug, Default, Serialize)]
#[serde(untagged)]
enum Facts {
    Started(Box<Intent>),
    Finished {
        #[serde(skip_serializing_if = "Vec::is_empty")]
        left: Vec<Left>,
    },
    #[default]
    None,
}

/// The intent of a removal, which is durable before anything is removed.
#[derive(Debug, Serialize)]
pub(super) struct Intent {
    /// The name of the record of the removal.
    pub run: String,
    /// The user and the host.
    pub by: Actor,
    /// The words of the command line, without the values of options.
    pub command: Vec<String>,
    /// The versions of arcbook and of the system.
    pub versions: Versions,
    /// The kind of approval.
    pub approval: Approval,
    /// The records to remove.
    pub removes: Vec<Removed>,
    /// The ends of the records that stay.
    pub heads: Vec<Head>,
}

/// The file of a removal that has begun.
pub(super) struct PruneFile {
    file: fs::File,
    _lock: Option<FileLock>,
    directory: PathBuf,
    head: Digest,
    seq: u64,
}

impl PruneFile {
    /// Creates the record of a removal at `path`, and returns once its intent is durable.
    pub fn begin(path: &Path, intent: Intent) -> io::Result<Self> {
        let directory = path.parent().map_or_else(PathBuf::new, Path::to_owned);
        let (file, lock) = new_file(path)?;
        let mut file = Self { file, _lock: lock, directory, head: GENESIS, seq: 0 };
        file.write(PruneEvent::PruneStarted, Facts::Started(Box::new(intent)))?;
        file.sync_directory()?;
        Ok(file)
    }

    /// Writes the end of the removal; returns the digest of the record.
    pub fn end(mut self, left: Vec<Left>) -> io::Result<Digest> {
        // The removals are durable before the record says that they are done.
        self.sync_directory()?;
        self.write(PruneEvent::PruneFinished, Facts::Finished { left })?;
        Ok(self.head)
    }

    fn write(&mut self, event: PruneEvent, facts: Facts) -> io::Result<()> {
        self.seq += 1;
        let line = Line { prev: self.head.to_string(), seq: self.seq, at: now(), event, facts };
        let line = serde_json::to_string(&line)?;
        self.file.write_all(format!("{line}\n").as_bytes())?;
        self.file.sync_all()?;
        self.head = Digest::of(line.as_bytes());
        Ok(())
    }

    fn sync_directory(&self) -> io::Result<()> {
        Directory::open(&self.directory)?.sync()
    }
}

/// Checks the lines of the record of a removal; returns the number of complete ones, and true if it ended.
pub(super) fn check(bytes: &[u8]) -> Result<(usize, bool), (usize, String)> {
    let (mut head, mut seq, mut ended) = (GENESIS, 0, false);
    for text in bytes.split_inclusive(|&byte| byte == b'\n') {
        let Some(text) = text.strip_suffix(b"\n") else { break };
        let broken = |reason: &str| (seq + 1, reason.to_owned());
        let line: Line = serde_json::from_slice(text).map_err(|_| broken("it is not a line of a removal"))?;
        if line.prev != head.to_string() {
            return Err(broken("it does not follow from the previous line"));
        }
        let is_first = line.event == PruneEvent::PruneStarted;
        if ended || is_first != (seq == 0) || u64::try_from(seq + 1) != Ok(line.seq) {
            return Err(broken("its sequence number is out of order"));
        }
        ended = !is_first;
        head = Digest::of(text);
        seq += 1;
    }
    Ok((seq, ended))
}
