//! Events that are kept.

use std::sync::{Arc, Mutex};

use arcbook_engine::run::{Observer, Record};

/// Keeps the events, as JSON.
#[derive(Clone, Default)]
pub struct Events(Arc<Mutex<Vec<serde_json::Value>>>);

impl Events {
    /// The events of that kind.
    pub fn of(&self, kind: &str) -> Vec<serde_json::Value> {
        self.0.lock().unwrap().iter().filter(|event| event["event"] == kind).cloned().collect()
    }

    /// All events.
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
