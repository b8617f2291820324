//! Defines the observers of a run's events.

use std::sync::Arc;

use futures::future;

use crate::step::BoxFuture;

use super::Record;

/// The result of storing records; the error is a message.
pub type Stored = Result<(), String>;

/// A receiver of the events of a run, in order.
pub trait Observer {
    /// Receives a record. The run waits for this call, so it must be fast.
    fn observe(&mut self, record: &Arc<Record>);

    /// Returns a future that resolves when all records so far are durable.
    ///
    /// Storing begins at once, even if the future is not polled. A change is sent only after it resolves; an
    /// error prevents the change.
    fn barrier(&mut self) -> BoxFuture<'static, Stored> {
        Box::pin(future::ready(Ok(())))
    }
}

/// Several observers, called in order.
#[derive(Default)]
pub struct Observers<'a>(Vec<Box<dyn Observer + 'a>>);

impl<'a> Observers<'a> {
    /// Returns an empty list.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an observer.
    pub fn add(&mut self, observer: impl Observer + 'a) {
        self.0.push(Box::new(observer));
    }
}

impl Observer for Observers<'_> {
    fn observe(&mut self, record: &Arc<Record>) {
        for observer in &mut self.0 {
            observer.observe(record);
        }
    }

    fn barrier(&mut self) -> BoxFuture<'static, Stored> {
        let all: Vec<_> = self.0.iter_mut().map(|observer| observer.barrier()).collect();
        Box::pin(async move { future::try_join_all(all).await.map(drop) })
    }
}
