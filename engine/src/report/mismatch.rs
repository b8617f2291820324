//! Tells whether a plan is the one of a run.

use std::collections::HashSet;

use super::ReportedRun;
use crate::journal::{RecordedStep, StepResult};
use crate::plan::{Listing, shape};
use crate::run::Cause;
use crate::step::few;

impl ReportedRun<'_> {
    /// Returns true if the run undoes another one.
    pub(super) fn is_undo(&self) -> bool {
        self.run.started.is_some_and(|started| started.undoes.is_some())
    }

    /// Says why the plan that is given is not the one of the run; none if it may be that, or if none is given.
    #[must_use]
    pub fn mismatch(&self) -> Option<String> {
        let plan = self.plan?.listing;
        let started = self.run.started?;
        if let Some(undone) = &started.undoes {
            return Some(format!(
                "The run undoes {}, and a plan lists the requests of a run, not those of an undo.",
                undone.run
            ));
        }
        let planned = Planned::of(plan);
        let steps =
            || self.run.steps.iter().filter(|(_, step)| !is_left_out(step)).map(|(address, _)| *address);
        let strange: Vec<&str> = steps().filter(|address| !planned.has(address)).collect();
        let count = steps().count();
        if count > 0 && strange.len() == count {
            return Some(format!(
                "None of the {count} steps of the run is in the plan: it is the plan of another runbook \
                 (planned: {}; run: {}).",
                plan.runbook, started.runbook
            ));
        }
        if !strange.is_empty() {
            return Some(format!(
                "{} of the {count} steps of the run are not in the plan: {}. It is the plan of another runbook, or of \
                 another version or part of this one.",
                strange.len(),
                few(&strange)
            ));
        }
        let is_missing = |address: &&str| !self.run.steps.contains_key(address);
        let certain = plan.steps.iter().filter(|step| step.is_certain()).map(|step| step.address.as_str());
        // A run that has not ended has no record yet of what it did not reach.
        let missing: Vec<&str> = certain.filter(is_missing).filter(|_| self.run.finished.is_some()).collect();
        (!missing.is_empty()).then(|| {
            format!(
                "{} of the {} steps of the plan are not in the run: {}. It is the plan of another runbook, or of \
                 another version or part of this one.",
                missing.len(),
                plan.steps.len(),
                few(&missing)
            )
        })
    }
}

fn is_left_out(step: &RecordedStep<'_>) -> bool {
    let result = step.ending.as_ref().map(|ending| &ending.result);
    matches!(result, Some(StepResult::Skipped { cause: Cause::LeftOut, .. }))
}

/// The steps of a plan: those that it lists one by one, and the blocks whose instances only the run knows.
struct Planned<'a> {
    addresses: HashSet<&'a str>,
    blocks: HashSet<String>,
}

impl<'a> Planned<'a> {
    fn of(plan: &'a Listing) -> Self {
        let placeholders = plan.steps.iter().filter(|step| !step.is_certain());
        Self {
            addresses: plan.steps.iter().map(|step| step.address.as_str()).collect(),
            blocks: placeholders.map(|step| shape(&step.address)).collect(),
        }
    }

    fn has(&self, address: &str) -> bool {
        self.addresses.contains(address) || self.blocks.contains(&shape(address))
    }
}
