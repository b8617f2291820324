//! Uploads closed records to a place outside of the machine.

use std::io;
use std::path::{Path, PathBuf};

use time::OffsetDateTime;

use super::directory::{NewFile, RecordFile, moment};
use super::heads::Ends;
use super::marks::{Mark, Marks};
use super::retention::Entry;
use super::signed::signature_path;
use super::{Directory, JournalError, Storage};
use crate::step::{ClosedRecord, Context, ErrorKind, RecordStore, Setting, StepError, UploadError, Uploaded};

/// The upload of the records of a directory.
pub struct Shipping<'a> {
    /// The directory.
    pub directory: &'a Directory,
    /// The place.
    pub store: &'a dyn RecordStore,
    /// The context, with the identity that acts.
    pub context: &'a Context,
    /// The host.
    pub host: &'a str,
    /// The runs of this process, which have ended.
    pub own: &'a [String],
    /// True if the place ends with this process: only its own records are uploaded, and nothing is noted.
    pub is_temporary: bool,
}

/// The result of an upload.
#[derive(Debug, Default)]
pub struct Shipped {
    /// The records that the place has now and was not known to have before, oldest first.
    pub records: Vec<(String, Uploaded)>,
    /// The records that it does not have, with the reasons.
    pub left: Vec<LeftBehind>,
    /// The number of further records that it does not have, and that were not tried: after a failure, or not yet.
    pub untried: usize,
}

/// A record that was not uploaded.
#[derive(Debug)]
pub struct LeftBehind {
    /// The name of the record.
    pub run: String,
    /// The path of its file.
    pub path: PathBuf,
    /// The reason.
    pub reason: UploadError,
}

/// A file of a record, as far as an upload is concerned.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing is added to it any more.
    Closed,
    /// Its run may be in progress.
    Open,
    /// It has no complete line: no other record names it.
    Empty,
    /// It is no record.
    Foreign,
}

impl Directory {
    /// Returns the place of the newest run that names one, outside of the embedded lab.
    pub fn newest_place(&self) -> Result<Option<String>, JournalError> {
        let place = |run: String| {
            let beginning = self.beginning(&run).ok()?;
            let started = beginning.started()?;
            started.ships_to.clone().filter(|_| started.setting.get(Setting::LAB).is_none())
        };
        Ok(self.ids()?.into_iter().rev().find_map(place))
    }
}

impl Shipping<'_> {
    /// Uploads each closed record that the place is not known to have, oldest first, and marks it once the place has
    /// confirmed it. `shipped` has the results so far whenever the future is dropped.
    ///
    /// After a failure that is not about one record, the rest is left for the next time. `wrap` wraps the file of the
    /// marks, for tests.
    ///
    /// # Errors
    ///
    /// [`JournalError::Marks`] if it cannot be noted which records the place has: nothing more is uploaded then.
    pub async fn ship<S: Storage>(
        &self,
        shipped: &mut Shipped,
        wrap: impl FnOnce(NewFile) -> S,
    ) -> Result<(), JournalError> {
        shipped.untried = self.own.len();
        let due = self.due(shipped)?;
        shipped.untried = due.len();
        if due.is_empty() {
            return Ok(());
        }
        // Nothing is uploaded that could not be noted.
        let marks = Marks::of(self.directory);
        let opened = (!self.is_temporary).then(|| marks.open().map(wrap)).transpose();
        let mut storage = opened.map_err(|source| marks.failed(source))?;
        for RecordFile { id, path } in due {
            let sent = self.upload(&id, &path).await;
            shipped.untried -= 1;
            match sent {
                Ok((name, bytes, uploaded)) => {
                    let mark = Mark::of(&name, bytes, self.store.place(), &uploaded);
                    shipped.records.push((id, uploaded));
                    let noted = storage.as_mut().map_or(Ok(()), |storage| marks.add(storage, &mark));
                    noted.map_err(|source| marks.failed(source))?;
                }
                Err(reason) => {
                    let is_over = is_about_all(&reason);
                    shipped.left.push(LeftBehind { run: id, path, reason });
                    if is_over {
                        break;
                    }
                }
            }
        }
        Ok(())
    }

    /// Returns the records to upload, oldest first. A record of this process without a line is left behind.
    fn due(&self, shipped: &mut Shipped) -> Result<Vec<RecordFile>, JournalError> {
        let there = Marks::of(self.directory).marked()?;
        let mut due = Vec::new();
        for file in self.directory.files()? {
            let is_own = self.own.contains(&file.id);
            let is_due = if self.is_temporary { is_own } else { !there.has(self.store.place(), &file) };
            match if is_due { state(&file, is_own) } else { State::Foreign } {
                State::Closed => due.push(file),
                State::Empty if is_own => {
                    let RecordFile { id: run, path } = file;
                    shipped.left.push(LeftBehind { run, path, reason: empty() });
                }
                State::Open | State::Empty | State::Foreign => {}
            }
        }
        Ok(due)
    }

    /// Uploads the record of `run` at `path`; returns the name of the file and its size too.
    ///
    /// Its signature goes first: a place that has the record has both.
    async fn upload(&self, run: &str, path: &Path) -> Result<(String, u64, Uploaded), UploadError> {
        let signature = signature_path(self.directory.path(), run);
        if signature.is_file() {
            self.send(&signature).await?;
        }
        self.send(path).await
    }

    async fn send(&self, path: &Path) -> Result<(String, u64, Uploaded), UploadError> {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let bytes = path.metadata().map_err(|error| unreadable(&error))?.len();
        let record = ClosedRecord { name: &name, path, host: self.host };
        let uploaded = self.store.upload(&record, self.context).await?;
        Ok((name, bytes, uploaded))
    }
}

/// Returns whether a record is closed. That of a run that was killed has no end; the lock of its writer is gone.
fn state(file: &RecordFile, is_own: bool) -> State {
    let has_name = moment(&file.id).is_some();
    let (Ok(mut ends), Ok(entry)) = (Ends::open(&file.path), Entry::read(file.clone())) else {
        // The upload says why it cannot be read.
        return if has_name { State::Closed } else { State::Foreign };
    };
    let Ok(last) = ends.last() else { return State::Empty };
    if entry.beginning.is_none() && !has_name {
        return State::Foreign;
    }
    let is_closed = last.is_end || is_own || !entry.may_go_on(OffsetDateTime::now_utc());
    if is_closed { State::Closed } else { State::Open }
}

/// Returns true if the next record would fail for the same reason.
fn is_about_all(reason: &UploadError) -> bool {
    match reason {
        UploadError::Failed(error) => error.kind() != ErrorKind::Local || error.is_uncertain(),
        UploadError::Differs { .. } => false,
    }
}

fn unreadable(error: &io::Error) -> UploadError {
    let error = StepError::new(ErrorKind::Local, "the record cannot be read").detail(format!("{error}."));
    UploadError::Failed(error.help("get permission to read it"))
}

/// Returns the reason why a record without a line is not uploaded.
fn empty() -> UploadError {
    let error = StepError::new(ErrorKind::Local, "no line of the record could be written")
        .detail("There is nothing to upload.");
    UploadError::Failed(
        error.help("check the free space of the disk and the permissions of the directory of records"),
    )
}
