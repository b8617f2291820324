//! Holds the changes of the resumed run.

use std::collections::HashSet;
use std::sync::Arc;

use crate::graph::NodeId;
use crate::step::ArgumentValues;
use crate::value::Value;

use super::{Job, PriorRun, RecordedChange, resume};

/// The resumed run, if there is one.
pub(super) struct Resumed<'a> {
    prior_run: Option<&'a PriorRun>,
    /// The sensitive variables, such as `var.password`, whose value differs from that in the resumed run.
    rotated: HashSet<String>,
    /// The steps that an earlier run made from a secret whose value differs now.
    outdated: HashSet<NodeId>,
}

impl<'a> Resumed<'a> {
    /// Returns the run that a job resumes.
    pub fn of(job: &Job<'a>) -> Self {
        let prior_run = job.prior_run;
        let rotated = prior_run.map(|prior_run| resume::rotated(prior_run, job.runbook, job.plan));
        Self { prior_run, rotated: rotated.unwrap_or_default(), outdated: HashSet::new() }
    }

    /// Returns the resumed run.
    pub fn prior_run(&self) -> Option<&'a PriorRun> {
        self.prior_run
    }

    /// Returns the changes of the step at `address`, one for each target.
    pub fn changes_of(&self, address: &str) -> &'a [RecordedChange] {
        self.prior_run.map_or(&[], |prior_run| prior_run.changes.of(address))
    }

    /// Returns the names of the run `own` and of those that it resumes.
    pub fn runs(&self, own: &str) -> Arc<[String]> {
        let earlier = self.prior_run.into_iter().flat_map(|prior_run| prior_run.runs.iter().cloned());
        std::iter::once(own.to_owned()).chain(earlier).collect()
    }

    /// Returns true if a later step has changed the target of a recorded change.
    pub fn is_superseded(&self, recorded: &RecordedChange) -> bool {
        self.prior_run.is_some_and(|prior_run| prior_run.is_superseded(recorded))
    }

    /// Records a step that an earlier run made from a secret whose value differs now.
    pub fn outdate(&mut self, id: NodeId) {
        self.outdated.insert(id);
    }

    /// Records a step with these arguments, if one of them is made from a secret whose value differs now.
    pub fn note_rotation(&mut self, id: NodeId, arguments: &ArgumentValues) {
        let is_rotated = |value: &Value| {
            let marks = value.deep_marks();
            marks.origins().any(|origin| self.rotated.contains(origin))
        };
        if !self.rotated.is_empty() && arguments.values().any(is_rotated) {
            self.outdate(id);
        }
    }

    /// Returns true if a step was made from another secret; it is reported once.
    pub fn take_outdated(&mut self, id: NodeId) -> bool {
        self.outdated.remove(&id)
    }
}
