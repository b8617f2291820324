//! Defines the content of signed statements.

use serde::{Deserialize, Serialize};

use super::Permits;
use crate::journal::{Journal, Removal, Removed};
use crate::plan::file::{Bound, Made, PlanFile};
use crate::policy::PolicyFile;
use crate::run::{Approval, PlanSignature, Status};
use crate::step::Actor;

/// The type of the statement about a plan file.
pub(super) const PLAN: &str = "https://github.com/arcbook/arcbook/attestation/plan/v1";

/// The type of the statement about the record of a removal.
pub(super) const REMOVAL: &str = "https://github.com/arcbook/arcbook/attestation/removal/v1";

/// The type of the statement about the record of a run.
pub(super) const RECORD: &str = "https://github.com/arcbook/arcbook/attestation/record/v1";

/// The statement about a plan file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanPredicate {
    /// The version of arcbook that made the plan.
    pub arcbook: String,
    /// The name of the runbook.
    pub runbook: String,
    /// The person who made the plan, and the time.
    pub made: Made,
    /// The machine and the principal that the plan is for.
    pub bound: Bound,
    /// Everything that a run of the plan may do.
    pub permits: Permits,
}

/// The statement about the record of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordPredicate {
    /// The version of arcbook that ran.
    pub arcbook: String,
    /// The name of the run.
    pub run: String,
    /// The name of the runbook.
    pub runbook: String,
    /// The approval of the run.
    pub approved: Approved,
    /// The SHA-256 of the plan file that the run executed; none if it executed none.
    pub plan: Option<String>,
    /// The policies that were asked before the run.
    pub policies: Vec<PolicyFile>,
    /// The number of records.
    pub records: usize,
    /// The digest of the last line.
    pub head: String,
    /// The result of the run; none if it has not ended.
    pub status: Option<Status>,
}

/// The statement about the record of a removal by `runs prune`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemovalPredicate {
    /// The name of the record.
    pub run: String,
    /// The approval of the removal.
    pub approved: Approved,
    /// The removed records.
    pub removes: Vec<Removed>,
    /// The number of lines.
    pub records: usize,
    /// The digest of the last line.
    pub head: String,
}

/// The statement about a record in a directory of records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum SignedRecord {
    /// It is that of a run.
    Run(Box<RecordPredicate>),
    /// It is that of a removal.
    Removal(Box<RemovalPredicate>),
}

/// The approval of a run or a removal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approved {
    /// The user who started it.
    pub by: Actor,
    /// The kind of approval.
    pub approval: Approval,
    /// The signature of the plan file, if the run required one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan_signature: Option<PlanSignature>,
}

impl PlanPredicate {
    /// Describes a plan file.
    #[must_use]
    pub fn of(file: &PlanFile) -> Self {
        Self {
            arcbook: file.version().to_owned(),
            runbook: file.listing().runbook.clone(),
            made: file.made().clone(),
            bound: file.bound().clone(),
            permits: Permits::of(file.listing()),
        }
    }
}

impl RecordPredicate {
    /// Describes the record of a run; none if its first line is missing.
    #[must_use]
    pub fn of(journal: &Journal) -> Option<Self> {
        let started = journal.started()?;
        Some(Self {
            arcbook: started.versions.arcbook.clone(),
            run: started.run.clone(),
            runbook: started.runbook.clone(),
            approved: Approved {
                by: started.by.clone(),
                approval: started.approval,
                plan_signature: started.plan_signature.as_deref().cloned(),
            },
            plan: started.plan.clone(),
            policies: started.policies.clone(),
            records: journal.lines.len(),
            head: journal.head.to_string(),
            status: journal.finished().map(|finished| finished.status),
        })
    }
}

impl RemovalPredicate {
    /// Describes the record of a removal; none if its first line is missing.
    #[must_use]
    pub fn of(removal: &Removal) -> Option<Self> {
        Some(Self {
            run: removal.run.clone(),
            approved: Approved { by: removal.by.clone()?, approval: removal.approval?, plan_signature: None },
            removes: removal.removes.clone(),
            records: removal.lines,
            head: removal.head.to_string(),
        })
    }
}
