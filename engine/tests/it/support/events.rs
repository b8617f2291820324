//! An observer that collects events.

use std::sync::{Arc, Mutex};

use arcbook_engine::run::{Observer, Record};

/// The collected events, as JSON.
#[derive(Clone, Default)]
pub struct Events(Arc<Mutex<Vec<serde_json::Value>>>);

impl Events {
    /// Returns the events of this kind.
    pub fn of(&self, kind: &str) -> Vec<serde_json::Value> {
        self.0.lock().unwrap().iter().filter(|event| event["event"] == kind).cloned().collect()
    }

    /// Returns all events.
    pub fn all(&self) -> Vec<serde_json::Value> {
        self.0.lock().unwrap().clone()
    }

    pub fn text(&self) -> String {
        self.0.lock().unwrap().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }
}

impl Observer for Events {
    fn observe(&mut self, record: &Arc<Record>) {
        self.0.lock().unwrap().push(serde_json::to_value(record).expect("JSON"));
    }
}
