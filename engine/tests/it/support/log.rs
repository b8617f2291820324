//! What steps did.

use std::sync::{Arc, Mutex};

/// What steps did, in their order.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub fn push(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }

    /// Forgets everything.
    pub fn clear(&self) {
        self.0.lock().unwrap().clear();
    }

    /// How often the step at that address was begun.
    pub fn attempts(&self, address: &str) -> usize {
        let began = format!("{address} began");
        self.lines().iter().filter(|line| **line == began).count()
    }

    pub fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}
