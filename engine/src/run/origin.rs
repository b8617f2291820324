//! Defines the origin of a run: who started it, with which program, and how it was approved.

use serde::{Deserialize, Serialize};

use crate::redact::Redact;
use crate::step::Actor;

/// The origin of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The user and the host.
    pub by: Actor,
    /// The words of the command line, without the values of options.
    pub command: Vec<String>,
    /// The versions of arcbook and of the system.
    pub versions: Versions,
    /// The kind of approval.
    pub approval: Approval,
}

/// The versions of arcbook and of the system that it runs on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Redact)]
#[serde(deny_unknown_fields)]
pub struct Versions {
    /// The version of arcbook.
    #[redact(word)]
    pub arcbook: String,
    /// The name and version of the operating system, such as `Ubuntu 24.04.1 LTS`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub os: Option<String>,
    /// The name and release of the kernel, such as `Linux 6.8.0`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kernel: Option<String>,
    /// The architecture of the program, such as `x86_64`.
    #[redact(word)]
    pub architecture: String,
}

/// The kind of approval that a run had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
#[serde(rename_all = "snake_case")]
pub enum Approval {
    /// The user typed `yes`.
    Typed,
    /// The user gave `-auto-approve`.
    AutoApprove,
    /// The run executes a plan file; its digest is in `plan`.
    PlanFile,
    /// The run uses the embedded lab.
    Lab,
    /// The plan contains no change.
    NotNeeded,
}

impl Origin {
    /// Returns the same origin with another kind of approval.
    #[must_use]
    pub fn approved(&self, approval: Approval) -> Self {
        Self { approval, ..self.clone() }
    }
}

impl Approval {
    /// Describes the approval.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Typed => "by typing `yes`",
            Self::AutoApprove => "by -auto-approve",
            Self::PlanFile => "by a plan file",
            Self::Lab => "not asked: the run used the embedded lab",
            Self::NotNeeded => "not asked: the plan contained no change",
        }
    }
}
