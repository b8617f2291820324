//! Lists the files that leave the machine.

use std::fs;

use serde::{Deserialize, Serialize};

use super::{Plan, PlannedStep};
use crate::graph::ModuleId;
use crate::redact::Redact;
use crate::step::{Action, Safety, Text};

/// A file that a step sends to a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
#[serde(deny_unknown_fields)]
pub struct SentFile {
    /// The path.
    pub path: String,
    /// The size when the plan was made; none if the file is not there yet, or its path is secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
}

impl SentFile {
    /// Returns the files that a step reads, if it also sends a request that changes something.
    pub fn of(plan: &Plan, step: &PlannedStep) -> Vec<Self> {
        let sends = |action: &Action| action.request().is_some() && action.safety != Safety::Reads;
        if !step.actions.iter().any(sends) {
            return Vec::new();
        }
        let directory = &plan.state.runbook(ModuleId::ROOT).directory;
        let file = |path: &Text| {
            let known = path.reveal().filter(|_| !path.is_sensitive());
            let facts = known.and_then(|path| fs::metadata(directory.join(path)).ok());
            let bytes = facts.filter(fs::Metadata::is_file).map(|facts| facts.len());
            Self { path: path.to_string(), bytes }
        };
        step.actions.iter().filter_map(Action::input_file).map(|read| file(&read.path)).collect()
    }
}
