//! A log of the steps' actions.

use std::sync::{Arc, Mutex};

/// The steps' actions, in order.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub fn push(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }

    /// Removes all entries.
    pub fn clear(&self) {
        self.0.lock().unwrap().clear();
    }

    /// Returns the number of attempts of the step at this address.
    pub fn attempts(&self, address: &str) -> usize {
        let began = format!("{address} began");
        self.lines().iter().filter(|line| **line == began).count()
    }

    pub fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}
