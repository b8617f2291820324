//! Holds the changes of the resumed run.

use std::collections::HashSet;
use std::sync::Arc;

use crate::graph::NodeId;
use crate::step::{ArgumentValues, ErrorKind, StepError, Token};
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

    /// Returns an error if a token of the identity at `acts_as` is for another principal than in the resumed run.
    pub fn check_principal(&self, acts_as: &str, token: &Token) -> Result<(), StepError> {
        let then = self.prior_run.and_then(|prior_run| prior_run.principals.get(acts_as));
        let found = then.map(|then| then.facts.contradictions(token.principal())).unwrap_or_default();
        if found.is_empty() {
            return Ok(());
        }
        let found: Vec<String> = found.iter().map(ToString::to_string).collect();
        let summary = format!("the identity is another one than in the resumed run: {}", found.join(", "));
        Err(StepError::new(ErrorKind::Unplanned, summary)
            .detail("A resumed run goes on as the principals that began it. The token was not used.")
            .help("give the identity the arguments of that run, or start a new run"))
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
