//! Reads events on a separate thread.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;

use arcbook_engine::run::mailbox::{Sender, waking_mailbox};
use arcbook_engine::run::{Observer, Record};

/// A reader of a run's events that is also woken by time.
pub trait Reader: Send + 'static {
    /// Handles a record.
    fn take(&mut self, record: &Record, now: Instant);

    /// Returns the time of the next wake-up; none if only records matter.
    fn due(&self) -> Option<Instant>;

    /// Handles a wake-up.
    fn wake(&mut self, now: Instant);

    /// Handles the end of the records.
    fn end(&mut self) {}
}

/// Passes records to a reader on another thread, so that output delays no request, and computation delays no
/// heartbeat.
///
/// Dropping it ends the records, without waiting for the reader.
pub struct Background(Sender<Arc<Record>>);

/// The remaining work of a reader, which takes as long as the consumer of its output.
#[must_use]
pub struct Backlog(Option<JoinHandle<()>>);

impl Backlog {
    /// Returns the backlog of no reader.
    pub fn none() -> Self {
        Self(None)
    }

    /// Waits until the reader has handled the last record; its [`Background`] must be dropped before.
    pub fn wait(self) {
        // The thread has already printed its own panic.
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
