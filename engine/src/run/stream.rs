//! The one order of events.

use std::sync::Arc;

use crate::step::BoxFuture;

use super::{Event, Observer, Record, Stored, clock};

/// Numbers events, says when they happened, and hands them to whoever watches the run.
pub struct Stream<'a> {
    observer: &'a mut dyn Observer,
    seq: u64,
}

impl<'a> Stream<'a> {
    pub fn new(observer: &'a mut dyn Observer) -> Self {
        Self { observer, seq: 0 }
    }

    /// Says that something happened.
    pub fn emit(&mut self, event: Event) {
        self.seq += 1;
        self.observer.observe(&Arc::new(Record { seq: self.seq, at: clock::now(), event }));
    }

    /// Resolves when everything said so far would survive a crash; that is seen to whether or not anyone waits.
    pub fn barrier(&mut self) -> BoxFuture<'static, Stored> {
        self.observer.barrier()
    }
}
