//! Reads the outputs of a run from its record.

use serde_json::Value as Json;

use super::{Journal, RecordedOutput, RunRecord};
use crate::value::{Origins, Value};

/// An output of a recorded run.
#[derive(Clone, Debug)]
pub struct OutputOfRun {
    /// The name.
    pub name: String,
    /// The value as the record has it; none if the output is sensitive.
    pub json: Option<Json>,
    /// The value; parts that the record does not have are unknown.
    pub value: Option<Value>,
}

impl OutputOfRun {
    /// Returns true if the record has the whole value.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.value.as_ref().is_some_and(Value::is_wholly_known)
    }
}

/// Returns the outputs of a run, in the order in which they got their values.
#[must_use]
pub fn outputs(journal: &Journal) -> Vec<OutputOfRun> {
    let output = |output: &RecordedOutput<'_>| {
        let origin = format!("output.{}", output.name);
        let later = Origins::of(&*origin);
        let value = output.value.and_then(|shown| shown.restored(&origin, &later).ok());
        OutputOfRun {
            name: output.name.to_owned(),
            json: output.value.map(|shown| shown.json().clone()),
            value,
        }
    };
    RunRecord::of(journal).outputs.iter().map(output).collect()
}
