//! Orders the events of a run.

use std::sync::Arc;

use tokio::time::Instant;

use crate::step::BoxFuture;

use super::{Event, Observer, Record, Stored, clock};

/// Numbers and timestamps events, and passes them to the observer.
pub struct Stream<'a> {
    observer: &'a mut dyn Observer,
    seq: u64,
    began: Instant,
}

impl<'a> Stream<'a> {
    /// Starts the clock of the run.
    pub fn new(observer: &'a mut dyn Observer) -> Self {
        Self { observer, seq: 0, began: Instant::now() }
    }

    /// Returns the time since the start of the run, in microseconds.
    pub fn elapsed(&self) -> u64 {
        clock::microseconds(self.began.elapsed())
    }

    /// Emits an event.
    pub fn emit(&mut self, event: Event) {
        self.seq += 1;
        let elapsed_microseconds = self.elapsed();
        let record = Record { seq: self.seq, at: clock::now(), elapsed_microseconds, event };
        self.observer.observe(&Arc::new(record));
    }

    /// Returns a future that resolves when all events so far are durable; storing begins even if it is not
    /// polled.
    pub fn barrier(&mut self) -> BoxFuture<'static, Stored> {
        self.observer.barrier()
    }
}
