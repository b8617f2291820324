//! An observer on a thread of its own.

use std::sync::mpsc;
use std::thread::JoinHandle;

use arcbook_engine::run::{Observer, Record};

/// Hands records to an observer on another thread, so that no request waits for what is printed.
///
/// Dropping it waits until the last record is printed.
pub struct Background {
    records: Option<mpsc::Sender<Record>>,
    thread: Option<JoinHandle<()>>,
}

impl Background {
    pub fn new(mut observer: impl Observer + Send + 'static) -> Self {
        let (records, inbox) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            for record in inbox {
                observer.observe(&record);
            }
        });
        Self { records: Some(records), thread: Some(thread) }
    }
}

impl Observer for Background {
    fn observe(&mut self, record: &Record) {
        if let Some(records) = &self.records {
            // The thread ends only with this.
            let _ = records.send(record.clone());
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
