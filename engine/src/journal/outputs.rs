//! Reads the outputs of a run from its record.

use serde_json::Value as Json;

use super::Journal;
use crate::plan;
use crate::value::{Origins, Value};

/// An output of a recorded run.
#[derive(Clone, Debug)]
pub struct RecordedOutput {
    /// The name.
    pub name: String,
    /// The value as the record has it; none if the output is sensitive.
    pub json: Option<Json>,
    /// The value; parts that the record does not have are unknown.
    pub value: Option<Value>,
}

impl RecordedOutput {
    /// Returns true if the record has the whole value.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.value.as_ref().is_some_and(Value::is_wholly_known)
    }
}

/// Returns the outputs of a run, in the order in which they got their values.
#[must_use]
pub fn outputs(journal: &Journal) -> Vec<RecordedOutput> {
    let output = |record: &Json| {
        let name = record["name"].as_str()?.to_owned();
        let json = record.get("value").cloned();
        let origin = format!("output.{name}");
        let later = Origins::of(&*origin);
        let value = json.as_ref().and_then(|json| plan::recorded(json, &origin, &later).ok());
        Some(RecordedOutput { name, json, value })
    };
    journal.records.iter().filter(|record| record["event"] == "output").filter_map(output).collect()
}
