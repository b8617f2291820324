//! What an earlier run did in a step, and whether that still counts.

use std::collections::HashSet;
use std::sync::Arc;

use super::dispatcher::Dispatcher;
use super::ending::Place;
use super::execute::{self, Prepared, Verdict};
use super::{
    Comparison, Completion, Event, Intent, Job, RecordedChange, Start, is_same_target, recall, resume,
};
use crate::diagnostic::Diagnostic;
use crate::graph::NodeId;
use crate::plan::{AddressIndex, Fingerprints, Marking, StepIndex};
use crate::runbook::Step;
use crate::step::{ArgumentValues, Difference, Effect, ErrorKind, Mismatch, StepError};
use crate::value::{Value, show_inline};

/// How much of a value is shown, in characters.
const SHORT: usize = 120;

/// Where a step stands towards the change that an earlier run made or was about to make.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Prior {
    /// No earlier run was about to make it.
    #[default]
    None,
    /// An earlier run may have made it.
    Unconfirmed,
    /// An earlier run made it, with the same arguments as far as a record may tell.
    Same,
    /// An earlier run made it, with other arguments.
    Other,
}

impl Prior {
    /// Whether an earlier run made the change.
    pub fn was_made(self) -> bool {
        matches!(self, Self::Same | Self::Other)
    }
}

/// What a step is about to do, and where that stands towards an earlier run.
pub(super) struct Aim<'a> {
    pub intent: Intent,
    pub prior: Prior,
    /// The change that the earlier run made or was about to make.
    pub recorded: Option<&'a RecordedChange>,
}

impl<'a> Dispatcher<'a> {
    /// What the runs that are resumed did in a step, one change a target; nothing of what cleans up, which each run does
    /// for itself.
    pub(super) fn changes(&self, id: NodeId) -> &'a [RecordedChange] {
        match self.job.prior_run.filter(|_| !self.schedule.cleans_up(id)) {
            Some(prior_run) => prior_run.changes.of(&self.address(id)),
            None => &[],
        }
    }

    /// The change that an earlier run made or was about to make in a step that was begun.
    pub(super) fn recorded(&self, id: NodeId) -> Option<&'a RecordedChange> {
        self.begun.get(&id)?.aim.recorded
    }

    /// This run and those that it resumes.
    pub(super) fn runs(&self) -> Arc<[String]> {
        let earlier = self.job.prior_run.into_iter().flat_map(|prior_run| prior_run.runs.iter().cloned());
        std::iter::once(self.job.id.clone()).chain(earlier).collect()
    }

    /// What a step that is prepared like this is about to do, and the fingerprint of all its arguments, where it does more
    /// than compute.
    pub(super) fn intent(&self, id: NodeId, step: &Step, prepared: &Prepared) -> (Option<String>, Intent) {
        let Job { secrets, runbook, .. } = self.job;
        let effect = step.step_type.schema().effect;
        if effect == Effect::Nothing {
            return (None, Intent::default());
        }
        let prints = Fingerprints { directory: &runbook.directory, secrets };
        let all = || prepared.arguments.iter().map(|(name, value)| (&**name, value));
        let whole = prints.of(step, all(), &prepared.touches);
        if effect != Effect::Changes {
            return (Some(whole), Intent::default());
        }
        let fickle = self.fickle(id);
        let steady = || all().filter(|(name, _)| !fickle.contains(name));
        let steadily =
            if fickle.is_empty() { whole.clone() } else { prints.of(step, steady(), &prepared.touches) };
        (Some(whole), Intent::of(steadily, steady(), &prepared.calls, secrets))
    }

    /// The arguments of a step that differ in every run, such as those made from `timestamp()`: the plan says so.
    fn fickle(&self, id: NodeId) -> Vec<&str> {
        let arguments = self.planned(id).map(|planned| planned.arguments.as_slice()).unwrap_or_default();
        let is_fickle = |value: &Value| !value.is_wholly_known() && value.origins().differ_in_every_run();
        arguments.iter().filter(|(_, value)| is_fickle(value)).map(|(name, _)| name.as_str()).collect()
    }

    /// Compares what a step is about to do with what an earlier run did in it; fails when that was aimed elsewhere.
    pub(super) fn aim(&self, id: NodeId, intent: Intent) -> Result<Aim<'a>, StepError> {
        let changes = self.changes(id);
        let compared = changes.iter().map(|recorded| (recorded, recorded.intent.compare(&intent)));
        let mut near = compared.filter(|(_, comparison)| *comparison != Comparison::OtherTarget);
        let (recorded, prior) = match near.next() {
            Some((recorded, _)) if recorded.outcome.is_none() => (recorded, Prior::Unconfirmed),
            Some((recorded, Comparison::Same)) => (recorded, Prior::Same),
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

    /// Whether the service need not be asked about a change that stands: it cannot tell, the step would be asked about
    /// another target since that differs in every run, or another step has changed the target since.
    pub(super) fn is_beyond_asking(&self, id: NodeId, recorded: &RecordedChange, intent: &Intent) -> bool {
        !self.finds(id)
            || !is_same_target(&recorded.intent.target, &intent.target)
            || self.job.prior_run.is_some_and(|prior_run| prior_run.is_superseded(recorded))
    }

    /// Notes that a step which an earlier run did is made from a secret that has another value now.
    pub(super) fn note_rotation(&mut self, id: NodeId, arguments: &ArgumentValues) {
        let is_rotated = |value: &Value| {
            let marks = value.deep_marks();
            marks.origins().any(|origin| self.rotated.contains(origin))
        };
        if !self.rotated.is_empty() && arguments.values().any(is_rotated) {
            self.outdated.insert(id);
        }
    }

    /// Takes what an earlier run did in a step for done; whether that is all there is to do.
    pub(super) fn keep(&mut self, start: Start, marking: Marking<'_>, recorded: &RecordedChange) -> bool {
        let Marking { step, address, .. } = marking;
        let id = start.node();
        let Some(outcome) = recorded.outcome.clone() else { return false };
        let Some(place) = self.place(id) else { return false };
        let scope = self.state.step_scope(place.module, place.index, &place.instance);
        if let Some(object) = recall::object(&scope, marking, &outcome.outputs) {
            match execute::judge(&scope.clone().with_self(&object), step, address) {
                Ok(Verdict::Good) => self.state.set_step(place.module, place.index, &place.instance, object),
                // Such a step may make its change again.
                Ok(Verdict::Again(_)) => return false,
                Err(unmet) => {
                    self.step_failed(start, step, address.to_owned(), unmet, None);
                    return true;
                }
            }
        } else if !outcome.good || self.schedule.graph().waiters(id).next().is_some() {
            // What is not in the record is asked for again, when somebody needs it.
            return false;
        } else {
            self.gave_nothing(id, step, address);
        }
        if self.outdated.remove(&id) {
            self.diagnostics.push(outdated(step, address, recorded));
        }
        let (change, outputs) = (outcome.change, outcome.outputs);
        self.emit(Event::StepRecalled {
            step: address.to_owned(),
            run: recorded.run.clone(),
            change,
            outputs,
        });
        self.summary.done += 1;
        self.summary.recalled += 1;
        self.finish(start, Completion::Done);
        true
    }

    /// The same of a step that was begun.
    pub(super) fn keep_begun(&mut self, id: NodeId, place: &Place, recorded: &RecordedChange) -> bool {
        let address = self.address(id);
        let marks = self.begun.get(&id).map(|begun| begun.marks.clone()).unwrap_or_default();
        let marking = Marking { step: place.step(), address: &address, arguments: &marks };
        self.keep(Start::Work(id), marking, recorded)
    }

    /// Keeps the change of a step that was begun, or ends the step with `otherwise` when what it gave is needed and is in
    /// no record.
    pub(super) fn keep_or(&mut self, id: NodeId, otherwise: StepError) {
        let (Some(place), Some(recorded)) = (self.place(id), self.recorded(id)) else { return };
        if !self.keep_begun(id, &place, recorded) {
            self.step_ended(id, Err(otherwise));
        }
    }

    /// Goes on with a step whose arguments are the same, and that found something else than it made: a secret that no
    /// record has is another one now, or somebody changed it.
    pub(super) fn differs(&mut self, id: NodeId, differences: &[Difference]) {
        let is_hidden = |difference: &Difference| difference.will.deep_marks().is_sensitive();
        let superseded = self
            .job
            .prior_run
            .zip(self.recorded(id))
            .is_some_and(|(prior_run, recorded)| prior_run.is_superseded(recorded));
        if superseded {
            return self.keep_or(id, withheld());
        }
        if !differences.is_empty() && differences.iter().all(is_hidden) {
            self.outdated.insert(id);
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

    /// The changes of earlier runs of whose steps it turned out only while running that there are none any more.
    pub(super) fn unaccounted(&self) -> Vec<Diagnostic> {
        let Some(prior_run) = self.job.prior_run.filter(|_| self.interrupts == 0 && self.summary.failed == 0)
        else {
            return Vec::new();
        };
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

    /// That somebody else changed what an earlier run made in a step.
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
            .detail("It is left as it is.")
            .help("make it what the run left, or run the runbook from its beginning: leave out `-resume`")
    }
}

/// That a step is aimed at another target than the change that an earlier run made or may have made.
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
    .detail("Nothing was done on either.")
    .help("make it what it was, or run the runbook from its beginning: leave out `-resume`")
    .help(format!("`arcbook undo {}` takes back the change on the other target", recorded.run))
}

/// That a step is kept although it is made from a secret that has another value now.
fn outdated(step: &Step, address: &str, recorded: &RecordedChange) -> Diagnostic {
    Diagnostic::warning(
        "secret-changed",
        format!("{address} is kept as the run {} made it, from another secret", recorded.run),
    )
    .at(step.header, "a secret that it is made from has another value now")
    .help("run the runbook from its beginning for the new value: leave out `-resume`")
    .about(address)
}

pub(super) fn withheld() -> StepError {
    StepError::new(ErrorKind::Stopped, "what this step gave holds secrets, which are in no record")
        .detail(
            "It was done by the run that is resumed, and the service does not have it any more as it was.",
        )
        .help("run the runbook from its beginning: leave out `-resume`")
}
