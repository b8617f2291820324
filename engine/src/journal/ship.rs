//! Uploads closed records to a place outside of the machine.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use time::OffsetDateTime;

use super::directory::{NewFile, RecordFile, moment};
use super::heads::Ends;
use super::marks::{Mark, Marks};
use super::retention::Entry;
use super::{Directory, Journal, JournalError, Locks, Storage};
use crate::run::RunStarted;
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
    /// The directory of the runbook that this process has locked: no other run of it is in progress.
    pub held: Option<&'a str>,
    /// The locks of other runbooks.
    pub locks: &'a Locks,
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
    /// The number of further records that it does not have, and that were not tried after a failure.
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
    /// It has no complete line, or it is no record: no other record names it.
    Nothing,
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
    pub async fn ship<S: Storage>(
        &self,
        shipped: &mut Shipped,
        wrap: impl FnOnce(NewFile) -> S,
    ) -> Result<(), JournalError> {
        let marks = Marks::of(self.directory);
        let unreadable = |source| JournalError::Read { path: self.directory.path().to_owned(), source };
        let there = marks.at(self.store.place()).map_err(unreadable)?;
        let mut due = Vec::new();
        for file in self.directory.files()? {
            let is_own = self.own.contains(&file.id);
            let is_there = || there.get(&file.id).is_some_and(|mark| is_same(&file, mark));
            let is_due = if self.is_temporary { is_own } else { !is_there() };
            if is_due && self.state(&file, is_own).await == State::Closed {
                due.push(file);
            }
        }
        if due.is_empty() {
            return Ok(());
        }
        // Nothing is uploaded that could not be noted.
        let opened = (!self.is_temporary).then(|| marks.open().map(wrap)).transpose();
        let path = self.directory.path();
        let mut storage = opened.map_err(|source| JournalError::Create { path: path.to_owned(), source })?;
        let mut due = due.into_iter();
        for RecordFile { id, path } in due.by_ref() {
            let sent = self.upload(&path).await.and_then(|(name, bytes, uploaded)| {
                let mark = Mark::of(&name, bytes, self.store.place(), &uploaded);
                let noted = storage.as_mut().map_or(Ok(()), |storage| marks.add(storage, &mark));
                noted.map(|()| uploaded).map_err(|error| UploadError::Failed(not_noted(&error)))
            });
            let reason = match sent {
                Ok(uploaded) => {
                    shipped.records.push((id, uploaded));
                    continue;
                }
                Err(reason) => reason,
            };
            let is_over = is_about_all(&reason);
            shipped.left.push(LeftBehind { run: id, path, reason });
            if is_over {
                break;
            }
        }
        shipped.untried = due.count();
        Ok(())
    }

    /// Uploads the record at `path`; returns the name of the file and its size too.
    async fn upload(&self, path: &Path) -> Result<(String, u64, Uploaded), UploadError> {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let bytes = path.metadata().map_err(|error| unreadable(&error))?.len();
        let record = ClosedRecord { name: &name, path, host: self.host };
        let uploaded = self.store.upload(&record, self.context).await?;
        Ok((name, bytes, uploaded))
    }

    /// Returns whether a record is closed. That of a run that was killed has no end; the lock of its runbook tells
    /// that nothing adds to it.
    async fn state(&self, file: &RecordFile, is_own: bool) -> State {
        let has_name = moment(&file.id).is_some();
        let (Ok(mut ends), Ok(entry)) = (Ends::open(&file.path), Entry::read(file.clone())) else {
            // The upload says why it cannot be read.
            return if has_name { State::Closed } else { State::Nothing };
        };
        let Ok(last) = ends.last() else { return State::Nothing };
        if entry.beginning.is_none() && !has_name {
            return State::Nothing;
        }
        if last.is_end || is_own {
            return State::Closed;
        }
        let by_age = if entry.may_go_on(OffsetDateTime::now_utc()) { State::Open } else { State::Closed };
        let beginning = Journal::read_beginning(&file.path).ok();
        let Some(started) = beginning.as_ref().and_then(Journal::started) else { return by_age };
        let RunStarted { runbook, directory, setting, .. } = started;
        // A run on the embedded lab may hold no lock.
        if setting.get(Setting::LAB).is_some() {
            return by_age;
        }
        if self.held == Some(directory.as_str()) {
            return State::Closed;
        }
        match self.locks.acquire((runbook, directory), Duration::ZERO).await {
            Ok(_) => State::Closed,
            Err(JournalError::Locked { .. }) => State::Open,
            Err(_) => by_age,
        }
    }
}

/// Returns true if the marked file has the name and the size of this one; another name is that of a compressed copy.
fn is_same(file: &RecordFile, (name, bytes): &(String, u64)) -> bool {
    let is_named = file.path.file_name().is_some_and(|own| own.to_string_lossy() == *name);
    !is_named || file.path.metadata().is_ok_and(|metadata| metadata.len() == *bytes)
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

/// Returns the error of a record that the place has, and that is uploaded once more for want of a mark.
fn not_noted(error: &io::Error) -> StepError {
    StepError::new(ErrorKind::Local, "the record was uploaded, and this could not be noted")
        .detail(format!("{error}."))
        .uncertain()
        .help("check the free space of the disk and the permissions of the directory of records")
}
