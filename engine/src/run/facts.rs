//! What events tell about requests and other runs.

use serde::{Deserialize, Serialize};

use crate::redact::Redact;
use crate::step::Call;

/// Another run, and the digest of its record as it was then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
pub struct Lineage {
    /// The name of the run.
    #[redact(word)]
    pub run: String,
    /// The SHA-256 of the last whole line of its record, in hexadecimal.
    #[redact(word)]
    pub sha256: String,
}

/// The kind of reason for which a step is not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Redact)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Something that it waits for failed.
    Failure,
    /// The run was stopped: by the user, or since its time was over.
    Stopped,
    /// Its `when` is false, or that of a module around it.
    When,
    /// It cleans up after failures, and there was none.
    Unneeded,
    /// It is no part of what was to be run.
    LeftOut,
    /// What it needs to know is known only in a run.
    Unknown,
}

/// A request as the plan shows it.
#[derive(Clone, Debug, Serialize, Redact)]
pub struct CallFacts {
    /// The method.
    pub method: &'static str,
    /// The URL, its sensitive and unknown parts named as such.
    pub url: String,
    /// Who the token is for that goes with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
}

impl From<&Call> for CallFacts {
    fn from(call: &Call) -> Self {
        Self {
            method: call.method.as_str(),
            url: call.url.to_string(),
            audience: call.audience.as_ref().map(ToString::to_string),
        }
    }
}
