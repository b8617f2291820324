//! Describes code that a step lets run on another machine.

use serde::{Deserialize, Serialize};

use crate::redact::Redact;

/// Code that a step lets run on another machine, where arcbook sees only that it ran.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
#[serde(deny_unknown_fields)]
pub struct RemoteCode {
    /// The kind of code, such as `script`.
    pub noun: String,
    /// The user that runs it and the machine, such as `root on machines web01 of resource group g`.
    pub user: String,
    /// The name of the argument that holds it, or its settings.
    pub argument: String,
}
