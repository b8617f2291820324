//! An observer on a thread of its own.

use std::sync::Arc;
use std::thread::JoinHandle;

use arcbook_engine::run::mailbox::{Sender, mailbox};
use arcbook_engine::run::{Observer, Record};

/// Hands records to an observer on another thread, so that no request waits for what is printed.
///
/// Dropping it waits until the last record is printed.
pub struct Background {
    records: Option<Sender<Arc<Record>>>,
    thread: Option<JoinHandle<()>>,
}

impl Background {
    pub fn new(observer: impl Observer + Send + 'static) -> Self {
        let take = |observer: &mut _, batch: Vec<Arc<Record>>| {
            for record in &batch {
                Observer::observe(observer, record);
            }
        };
        let (records, thread) = mailbox(observer, take, drop);
        Self { records: Some(records), thread: Some(thread) }
    }
}

impl Observer for Background {
    fn observe(&mut self, record: &Arc<Record>) {
        if let Some(records) = &self.records {
            records.send(record.clone());
        }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.records = None;
        if let Some(thread) = self.thread.take() {
            // What it panicked with was told where it happened.
            let _ = thread.join();
        }
    }
}
