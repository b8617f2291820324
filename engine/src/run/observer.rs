//! Who reads the events.

use std::sync::Arc;

use futures::future;

use crate::step::BoxFuture;

use super::Record;

/// Whether records are stored; the error says why not.
pub type Stored = Result<(), String>;

/// A reader of the events of a run, in their order.
pub trait Observer {
    /// Takes a record. It must not take long: the run waits for it.
    fn observe(&mut self, record: &Arc<Record>);

    /// Gives what resolves when every record so far is where it will survive a crash.
    ///
    /// Storing begins at once, whether or not anyone waits. A change is made only after this; an error stops it.
    fn barrier(&mut self) -> BoxFuture<'static, Stored> {
        Box::pin(future::ready(Ok(())))
    }
}

/// Several observers, each told in turn.
#[derive(Default)]
pub struct Observers<'a>(Vec<Box<dyn Observer + 'a>>);

impl<'a> Observers<'a> {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
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
