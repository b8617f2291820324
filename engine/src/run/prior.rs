//! Decides whether a change of an earlier run still counts.

use std::collections::HashSet;
use std::sync::Arc;

use super::aim::{Aim, Prior};
use super::dispatcher::Dispatcher;
use super::execute::{self, Prepared, Verdict};
use super::place::Place;
use super::{
    Comparison, Completion, Event, Intent, Job, RecordedChange, Start, is_same_target, recall, resume,
};
use crate::diagnostic::Diagnostic;
use crate::graph::NodeId;
use crate::plan::{AddressIndex, Fingerprints, Marking, StepIndex};
use crate::runbook::Step;
use crate::step::{Difference, Effect, ErrorKind, Mismatch, StepError};
use crate::value::{Value, show_inline};

/// The maximum number of characters shown of a value.
const SHORT: usize = 120;

impl<'a> Dispatcher<'a> {
    /// Returns the changes of the resumed runs in a step, one per target. Cleanup steps have none, since each
    /// run repeats them.
    pub(super) fn changes(&self, id: NodeId) -> &'a [RecordedChange] {
        if self.schedule.cleans_up(id) { &[] } else { self.resumed.changes_of(&self.address(id)) }
    }

    /// Returns the change that an earlier run made or intended in a running step.
    pub(super) fn recorded(&self, id: NodeId) -> Option<&'a RecordedChange> {
        self.in_flight.get(id)?.aim.recorded
    }

    /// Returns the names of this run and of those that it resumes.
    pub(super) fn runs(&self) -> Arc<[String]> {
        self.resumed.runs(&self.job.id)
    }

    /// Returns the intent of a prepared step, and the fingerprint of all its arguments unless it only
    /// computes.
    pub(super) fn intent(&self, id: NodeId, step: &Step, prepared: &Prepared) -> (Option<String>, Intent) {
        let Job { secrets, runbook, .. } = self.job;
        let effect = prepared.behavior.effect;
        if effect == Effect::Nothing {
            return (None, Intent::default());
        }
        let prints = Fingerprints { directory: &runbook.directory, secrets };
        let all = || prepared.arguments.iter().map(|(name, value)| (&**name, value));
        let whole = prints.of(step, all(), &prepared.actions);
        if effect != Effect::Changes {
            return (Some(whole), Intent::default());
        }
        let fickle = self.fickle(id);
        let steady = || all().filter(|(name, _)| !fickle.contains(name));
        let steadily =
            if fickle.is_empty() { whole.clone() } else { prints.of(step, steady(), &prepared.actions) };
        (Some(whole), Intent::of(steadily, steady(), &prepared.actions, secrets))
    }

    /// Returns the arguments of a step that differ in every run according to the plan, such as those made
    /// from `timestamp()`.
    fn fickle(&self, id: NodeId) -> Vec<&str> {
        let arguments = self.planned(id).map(|planned| planned.arguments.as_slice()).unwrap_or_default();
        let is_fickle = |value: &Value| !value.is_wholly_known() && value.origins().differ_in_every_run();
        arguments.iter().filter(|(_, value)| is_fickle(value)).map(|(name, _)| name.as_str()).collect()
    }

    /// Compares the intent of a step, which acts as the identity at `acts_as`, with the changes of earlier runs; fails if
    /// they had another target.
    pub(super) fn aim(
        &self,
        id: NodeId,
        intent: Intent,
        acts_as: Option<&str>,
    ) -> Result<Aim<'a>, StepError> {
        let changes = self.changes(id);
        let compared = changes.iter().map(|recorded| (recorded, recorded.intent.compare(&intent)));
        let mut near = compared.filter(|(_, comparison)| *comparison != Comparison::OtherTarget);
        let (recorded, prior) = match near.next() {
            Some((recorded, _)) if recorded.outcome.is_none() => (recorded, Prior::Unconfirmed),
            Some((recorded, Comparison::Same)) if recorded.is_by(acts_as) => (recorded, Prior::Same),
            Some((recorded, _)) => (recorded, Prior::Other),
            None => match changes.last() {
                Some(recorded) => return Err(elsewhere(recorded, &intent)),
                None => return Ok(Aim { intent, prior: Prior::None, recorded: None }),
            },
        };
        if prior == Prior::Unconfirmed && !is_same_target(&recorded.intent.target, &intent.target) {
            return Err(elsewhere(recorded, &intent));
        }
        Ok(Aim { intent, prior, recorded: Some(recorded) })
    }

    /// Returns true if the service is not asked about a change that stands: the step type cannot query it,
    /// the target differs in every run, or a later step has changed the target.
    pub(super) fn is_beyond_asking(&self, id: NodeId, recorded: &RecordedChange, intent: &Intent) -> bool {
        !self.finds(id)
            || !is_same_target(&recorded.intent.target, &intent.target)
            || self.resumed.is_superseded(recorded)
    }

    /// Takes the result of a step from an earlier run; returns true if that ends the step.
    pub(super) fn keep(&mut self, start: Start, marking: Marking<'_>, recorded: &RecordedChange) -> bool {
        let Marking { step, address, .. } = marking;
        let id = start.node();
        let Some(outcome) = recorded.outcome.clone() else { return false };
        let Some(place) = self.place(id) else { return false };
        let scope = self.state.step_scope(place.module, place.index, &place.instance);
        // Nobody can ask for the earlier value, but what does not depend on it is known.
        let is_fresh = marking.arguments.differ_in_every_run();
        let rest = || is_fresh.then(|| recall::rest(&scope, marking, &outcome.outputs)).flatten();
        if let Some(object) = recall::object(&scope, marking, &outcome.outputs).or_else(rest) {
            match execute::judge(&scope.clone().with_self(&object), step, address) {
                Ok(Verdict::Good) => self.state.set_step(place.module, place.index, &place.instance, object),
                // The step repeats its change, so it runs again.
                Ok(Verdict::Again(_)) => return false,
                Err(unmet) => {
                    self.step_failed(start, step, address.to_owned(), unmet, None);
                    return true;
                }
            }
        } else if !outcome.good || self.schedule.graph().waiters(id).next().is_some() {
            // The record lacks a needed output, so the step must query it again.
            return false;
        } else {
            self.gave_nothing(id, step, address);
        }
        // A value that this run made anew is another one than the earlier run had.
        if self.resumed.take_outdated(id) || is_fresh {
            self.tally.report(outdated(step, address, recorded));
        }
        let (change, outputs) = (outcome.change, outcome.outputs);
        self.emit(Event::StepRecalled {
            step: address.to_owned(),
            run: recorded.run.clone(),
            change,
            outputs,
        });
        self.tally.recalled();
        self.finish(start, Completion::Done);
        true
    }

    /// Takes the result of a running step from an earlier run; returns true if that ends the step.
    pub(super) fn keep_begun(&mut self, id: NodeId, place: &Place, recorded: &RecordedChange) -> bool {
        let address = self.address(id);
        let marks = self.in_flight.marks(id);
        let marking = Marking { step: place.step(), address: &address, arguments: &marks };
        self.keep(Start::Work(id), marking, recorded)
    }

    /// Keeps the change of a running step; fails with `otherwise` if the record lacks a needed output.
    pub(super) fn keep_or(&mut self, id: NodeId, otherwise: StepError) {
        let (Some(place), Some(recorded)) = (self.place(id), self.recorded(id)) else { return };
        if !self.keep_begun(id, &place, recorded) {
            self.step_ended(id, Err(otherwise));
        }
    }

    /// Continues a step that found another state than it made from the same arguments: an unrecorded secret
    /// has a new value, or somebody else changed the object.
    pub(super) fn differs(&mut self, id: NodeId, differences: &[Difference]) {
        let is_hidden = |difference: &Difference| difference.will.deep_marks().is_sensitive();
        let superseded = self.recorded(id).is_some_and(|recorded| self.resumed.is_superseded(recorded));
        if superseded {
            return self.keep_or(id, withheld());
        }
        if !differences.is_empty() && differences.iter().all(is_hidden) {
            self.resumed.outdate(id);
            return self.keep_or(id, withheld());
        }
        let shown = |value: &Value| Some(show_inline(value, SHORT));
        let mismatch = |difference: &Difference| Mismatch {
            name: difference.attribute.clone(),
            was: shown(&difference.will),
            is: shown(&difference.was),
        };
        let mismatches: Vec<Mismatch> = differences.iter().map(mismatch).collect();
        let error = self.altered(id, &mismatches);
        self.step_ended(id, Err(error));
    }

    /// Returns warnings for earlier changes whose step instances, as known only while running, no longer
    /// exist.
    pub(super) fn unaccounted(&self) -> Vec<Diagnostic> {
        let is_cut_short = self.stops.is_interrupted() || self.tally.has_failures();
        let Some(prior_run) = self.resumed.prior_run().filter(|_| !is_cut_short) else { return Vec::new() };
        let planned = StepIndex::new(self.job.plan);
        let left_out =
            AddressIndex::of(self.job.plan.left_out.iter().map(|left| (left.address.as_str(), ())));
        let graph = self.schedule.graph();
        let steps = graph.nodes().filter(|(_, node)| self.is_step(node)).map(|(id, _)| self.address(id));
        let steps: HashSet<String> = steps.collect();
        let may_come_about = |step: &str| planned.find(step).is_some() && left_out.find(step).is_none();
        let gone = prior_run
            .changes
            .iter()
            .filter(|recorded| may_come_about(&recorded.step) && !steps.contains(&recorded.step));
        gone.map(resume::unaccounted).collect()
    }

    /// Returns the error that somebody else changed an object that an earlier run made.
    pub(super) fn altered(&self, id: NodeId, mismatches: &[Mismatch]) -> StepError {
        let recorded = self.recorded(id);
        let run = recorded.map_or("an earlier run", |recorded| recorded.run.as_str());
        let target =
            recorded.map(|recorded| recorded.intent.target.join(" and ")).filter(|target| !target.is_empty());
        let target = target.unwrap_or_else(|| "its target".to_owned());
        let mismatches: Vec<String> = mismatches.iter().map(ToString::to_string).collect();
        let error = StepError::new(
            ErrorKind::Stopped,
            format!("somebody else changed {target} after the run {run} did: {}", mismatches.join("; ")),
        );
        error
            .detail("arcbook leaves it unchanged.")
            .help("restore the state that the run left, or start a new run: leave out `-resume`")
    }
}

/// Returns the error that an earlier run made or may have made the change on another target.
fn elsewhere(recorded: &RecordedChange, now: &Intent) -> StepError {
    let made = if recorded.outcome.is_some() { "made" } else { "may have made" };
    StepError::new(
        ErrorKind::Stopped,
        format!(
            "the run {} {made} this change on another target: {}",
            recorded.run,
            recorded.intent.differences(now).join("; ")
        ),
    )
    .detail("arcbook changed neither.")
    .help("restore the earlier value, or start a new run: leave out `-resume`")
    .help(format!("`arcbook undo {}` undoes the change on the other target", recorded.run))
}

/// Returns the warning that a step is kept although a secret that it was made from has a new value.
pub(super) fn outdated(step: &Step, address: &str, recorded: &RecordedChange) -> Diagnostic {
    Diagnostic::warning(
        "secret-changed",
        format!("{address} is kept as the run {} made it, from another secret", recorded.run),
    )
    .at(step.header, "a secret in its arguments has another value now")
    .help("start a new run for the new value: leave out `-resume`")
    .about(address)
}

pub(super) fn withheld() -> StepError {
    StepError::new(ErrorKind::Stopped, "the results of this step hold secrets, which no record has")
        .detail("The resumed run made the change, and its results cannot be queried in that state any more.")
        .help("start a new run: leave out `-resume`")
}
