//! The one order of events.

use std::sync::Arc;

use tokio::time::Instant;

use crate::step::BoxFuture;

use super::{Event, Observer, Record, Stored, clock};

/// Numbers events, says when they happened, and hands them to whoever watches the run.
pub struct Stream<'a> {
    observer: &'a mut dyn Observer,
    seq: u64,
    began: Instant,
}

impl<'a> Stream<'a> {
    /// The run begins now.
    pub fn new(observer: &'a mut dyn Observer) -> Self {
        Self { observer, seq: 0, began: Instant::now() }
    }

    /// How long the run has been going on, in microseconds.
    pub fn elapsed(&self) -> u64 {
        clock::microseconds(self.began.elapsed())
    }

    /// Says that something happened.
    pub fn emit(&mut self, event: Event) {
        self.seq += 1;
        let elapsed_microseconds = self.elapsed();
        let record = Record { seq: self.seq, at: clock::now(), elapsed_microseconds, event };
        self.observer.observe(&Arc::new(record));
    }

    /// Resolves when everything said so far would survive a crash; that is seen to whether or not anyone waits.
    pub fn barrier(&mut self) -> BoxFuture<'static, Stored> {
        self.observer.barrier()
    }
}
