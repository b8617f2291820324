//! An observer that collects events.

use std::sync::{Arc, Mutex};

use arcbook_engine::run::{Observer, Record};

/// The collected events.
#[derive(Clone, Default)]
pub struct Events(Arc<Mutex<Vec<Arc<Record>>>>);

impl Events {
    /// Returns the events of this kind, as JSON.
    pub fn of(&self, kind: &str) -> Vec<serde_json::Value> {
        self.all().into_iter().filter(|event| event["event"] == kind).collect()
    }

    /// Returns all events, as JSON.
    pub fn all(&self) -> Vec<serde_json::Value> {
        let json = |record: &Arc<Record>| serde_json::to_value(&**record).expect("JSON");
        self.0.lock().unwrap().iter().map(json).collect()
    }

    /// Returns all events.
    pub fn records(&self) -> Vec<Arc<Record>> {
        self.0.lock().unwrap().clone()
    }

    pub fn text(&self) -> String {
        self.all().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }
}

impl Observer for Events {
    fn observe(&mut self, record: &Arc<Record>) {
        self.0.lock().unwrap().push(record.clone());
    }
}
