//! Describes code that a step lets run on another machine.

use serde::{Deserialize, Serialize};

use crate::redact::Redact;

/// The arguments of a step type with a script that runs on another machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RemoteScript {
    /// The place of the script: the name of the argument, and those of the members in it.
    pub path: &'static [&'static str],
    /// The names of the arguments with the values that the script gets apart from its text.
    pub given: &'static [&'static str],
}

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
