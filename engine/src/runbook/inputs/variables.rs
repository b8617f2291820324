//! Holds the values of the variables of a runbook.

use std::sync::Arc;

use crate::value::Value;

/// The values of the variables of a runbook, in its order, with their sources.
#[derive(Clone, Debug, Default)]
pub struct Variables {
    /// The values.
    pub values: Vec<Value>,
    /// The external source of each value, if it has one: `-var region`, `ARCBOOK_VAR_region`, or a file.
    ///
    /// Messages name it in place of the value.
    pub given_by: Vec<Option<Arc<str>>>,
}

impl Variables {
    /// Adds the value of the next variable.
    pub fn push(&mut self, value: Value, given_by: Option<Arc<str>>) {
        self.values.push(value);
        self.given_by.push(given_by);
    }
}
