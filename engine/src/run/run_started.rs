//! Defines the start of a run as an event.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::plan::file::FileFacts;
use crate::plan::{Named, SelectionFacts};
use crate::policy::PolicyFile;
use crate::redact::Redact;
use crate::step::{Actor, Setting};

use super::{Approval, Lineage, PlanSignature, Versions};

/// The start of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Redact)]
#[serde(deny_unknown_fields)]
pub struct RunStarted {
    /// The name of the run.
    #[redact(word)]
    pub run: String,
    /// The version of the event schema: [`FORMAT`](super::FORMAT).
    pub format: u32,
    /// The name of the runbook.
    pub runbook: String,
    /// The absolute path of the runbook's directory.
    pub directory: String,
    /// The user and the host.
    pub by: Actor,
    /// The words of the command line, without the values of options.
    pub command: Vec<String>,
    /// The versions of arcbook and of the system.
    pub versions: Versions,
    /// The kind of approval.
    pub approval: Approval,
    /// The identity whose tokens steps use, and how it was chosen; none if no step uses a token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
    /// The environment of the run, in facts named by the platform.
    #[serde(default, skip_serializing_if = "Setting::is_empty")]
    pub setting: Setting,
    /// The files of the runbook, with their digests.
    pub files: Vec<FileFacts>,
    /// The files that functions read while planning; their paths are relative to the runbook's directory.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub read: Vec<FileFacts>,
    /// The values of the variables by name.
    pub variables: Named,
    /// The policies that were asked before the run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<PolicyFile>,
    /// The random salt of the seals, in hexadecimal.
    #[redact(word)]
    pub salt: String,
    /// The seal of each sensitive variable, which shows whether a later run has the same value; see
    /// `docs/journal.md`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[redact(word)]
    pub seals: BTreeMap<String, String>,
    /// The number of steps.
    pub steps: usize,
    /// The SHA-256 of the plan file that the run executes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[redact(word)]
    pub plan: Option<String>,
    /// The signature of that plan file, if the run required one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan_signature: Option<Box<PlanSignature>>,
    /// The run that this one resumes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resumes: Option<Box<Lineage>>,
    /// The run that this one undoes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undoes: Option<Box<Lineage>>,
    /// The place that keeps the record of the run; none if the record stays on the machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ships_to: Option<String>,
    /// The selected part of the runbook.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selection: Option<Box<SelectionFacts>>,
}
