//! Finds what a resumed run, or another undo, would refuse again.

use std::collections::HashSet;

use super::{RecordedStep, RunRecord, StepResult};
use crate::run::Cause;
use crate::step::Safety;

/// The code of the error of a step that stopped before it changed anything.
const STOPPED: &str = "interrupted";

impl<'a> RunRecord<'a> {
    /// Returns the steps that would fail again in the same way, in the order of the record: those of which nobody can tell
    /// whether they made their change, and those that were left alone because somebody else changed their object.
    #[must_use]
    pub fn stuck(&self) -> Vec<&'a str> {
        self.steps.iter().filter(|(_, step)| self.is_stuck(step)).map(|(address, _)| *address).collect()
    }

    /// Returns true if a resumed run, or another undo, would do something: a step is left that is not stuck, and does
    /// not wait for one that is. `waiting` has the steps that are known to wait for a stuck one; others say so in the
    /// reason why they did not run.
    #[must_use]
    pub fn can_go_on(&self, waiting: &HashSet<String>) -> bool {
        let stuck: HashSet<&str> = self.stuck().into_iter().collect();
        let because: HashSet<String> = stuck.iter().map(|address| format!("{address} failed")).collect();
        let is_left = |(address, step): (&&str, &RecordedStep<'_>)| match step.ending.map(|end| end.result) {
            Some(
                StepResult::Finished { .. }
                | StepResult::Recalled { .. }
                | StepResult::Skipped { cause: Cause::Unneeded | Cause::LeftOut, .. },
            ) => false,
            Some(StepResult::Failed { tolerated, .. }) => !tolerated && !stuck.contains(address),
            Some(StepResult::Skipped { because: why, .. }) => {
                !because.contains(why) && !waiting.contains(*address)
            }
            None => !stuck.contains(address),
        };
        // A killed run says nothing of the steps that it had not come to.
        let is_killed =
            self.finished.is_none() && self.started.is_none_or(|started| self.steps.len() < started.steps);
        stuck.is_empty() || is_killed || self.steps.iter().any(is_left)
    }

    fn is_stuck(&self, step: &RecordedStep<'_>) -> bool {
        let is_unknown = !step.intents.is_empty() && !step.can_be_resolved();
        match step.ending.map(|end| end.result) {
            None => is_unknown && !self.is_undo(),
            Some(StepResult::Failed { change: Some(_), .. }) => false,
            Some(StepResult::Failed { uncertain: true, .. }) if is_unknown && !self.is_undo() => true,
            // A run refuses before it intends a change; what it finds later is asked anew. An undo always intends one.
            Some(StepResult::Failed { error, .. }) => {
                error.code == STOPPED
                    && !self.was_interrupted
                    && !self.was_expired
                    && (self.is_undo() || self.is_resumed() && step.intents.is_empty())
            }
            Some(_) => false,
        }
    }

    fn is_undo(&self) -> bool {
        self.started.is_some_and(|started| started.undoes.is_some())
    }

    fn is_resumed(&self) -> bool {
        self.started.is_some_and(|started| started.resumes.is_some())
    }
}

impl RecordedStep<'_> {
    /// Returns true if a later run can find out whether the step made its change, or may make it again.
    fn can_be_resolved(&self) -> bool {
        let actions = self.started.map_or(&[][..], |started| started.actions);
        self.operation.is_some()
            || actions.iter().any(|action| action.safety == Safety::Reads)
            || actions.iter().all(|action| action.safety != Safety::Once)
    }
}
