//! Defines the input of a run.

use std::sync::Arc;
use std::time::Duration;

use crate::plan::Plan;
use crate::policy::PolicyFile;
use crate::redact::Secrets;
use crate::runbook::Runbook;
use crate::source::Sources;
use crate::step::Platform;

use super::{Origin, PriorRun, ReviewedPlan};

/// The input of a run.
pub struct Job<'a> {
    /// The name of the run.
    pub id: String,
    /// The origin of the run.
    pub origin: Origin,
    /// The runbook.
    pub runbook: &'a Runbook,
    /// The files of the runbook.
    pub sources: &'a Sources,
    /// The plan.
    pub plan: &'a Plan,
    /// The platform, which acquires tokens.
    pub platform: Arc<dyn Platform>,
    /// The registry of secrets.
    pub secrets: Secrets,
    /// The maximum number of steps that run at once.
    pub parallelism: usize,
    /// The time limit of the run; cleanup steps run even after it.
    pub timeout: Option<Duration>,
    /// True if nothing happens before the start of the run is on the disk.
    pub audited: bool,
    /// The changes of the resumed run, if any.
    pub prior_run: Option<&'a PriorRun>,
    /// The reviewed plan file, if any, which the run must match.
    pub held: Option<ReviewedPlan<'a>>,
    /// The policies that were asked before the run, for its record.
    pub policies: Vec<PolicyFile>,
}
