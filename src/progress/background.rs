//! A reader of events on a thread of its own.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;

use arcbook_engine::run::mailbox::{Sender, waking_mailbox};
use arcbook_engine::run::{Observer, Record};

/// Who reads the events of a run, and wants to be woken while there are none.
pub trait Reader: Send + 'static {
    /// Takes a record.
    fn take(&mut self, record: &Record, now: Instant);

    /// When it wants to be woken; none when only records are of interest.
    fn due(&self) -> Option<Instant>;

    /// It is due.
    fn wake(&mut self, now: Instant);

    /// There are no more records.
    fn end(&mut self) {}
}

/// Hands records to a reader on another thread, so that no request waits for what is printed, and what the run computes
/// keeps no sign of life from being printed.
///
/// Dropping it says that there are no more records; it waits for nobody.
pub struct Background(Sender<Arc<Record>>);

/// The rest of what a reader has to do, which may take as long as whoever reads the output likes.
#[must_use]
pub struct Backlog(Option<JoinHandle<()>>);

impl Backlog {
    /// Nobody reads.
    pub fn none() -> Self {
        Self(None)
    }

    /// Waits until the reader has taken the last record; its [`Background`] must be gone.
    pub fn wait(self) {
        // What it panicked with was told where it happened.
        let _ = self.0.map(JoinHandle::join);
    }
}

impl Background {
    pub fn begin(reader: impl Reader) -> (Self, Backlog) {
        let take = |reader: &mut _, batch: Vec<Arc<Record>>| {
            for record in &batch {
                Reader::take(reader, record, Instant::now());
            }
            let now = Instant::now();
            if Reader::due(reader).is_some_and(|due| due <= now) {
                Reader::wake(reader, now);
            }
        };
        let (records, thread) = waking_mailbox(reader, Reader::due, take, |mut reader| reader.end());
        (Self(records), Backlog(Some(thread)))
    }
}

impl Observer for Background {
    fn observe(&mut self, record: &Arc<Record>) {
        self.0.send(record.clone());
    }
}
