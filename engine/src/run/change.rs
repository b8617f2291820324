//! Makes a change: queries the existing state, writes the intent to disk, then sends the change, unless an
//! earlier run has made it.

use super::Event;
use super::aim::{Aim, Prior};
use super::attempt::within;
use super::dispatcher::Dispatcher;
use super::ended::{Attempt, Ended};
use super::execute;
use super::mode::Decision;
use super::place::Place;
use super::prior::{outdated, withheld};
use super::{Comparison, Intent, RecordedChange, Start, recall, reviewed_plan};
use crate::graph::NodeId;
use crate::plan::{PlannedChange, ShownValue};
use crate::runbook::Step;
use crate::source::slashed;
use crate::step::{Change, Context, ErrorKind, Existing, Outcome, StepError};

impl Dispatcher<'_> {
    /// Returns true if the step type can query the existing state of its target.
    pub(super) fn finds(&self, id: NodeId) -> bool {
        self.place(id).is_some_and(|place| place.step().step_type.schema().finds)
    }

    /// Queries the existing state before a change, if the step type can.
    pub(super) fn look(&mut self, id: NodeId, attempt: Attempt) {
        if self.mode.makes_changes() && self.unfinished(id).is_some() {
            // The service still works on the change: there is nothing to ask before its end.
            return self.change(id, attempt, &Existing::unasked(), Prior::Unconfirmed);
        }
        if !self.finds(id) {
            return self.found(id, attempt, Ok(Existing::unasked()));
        }
        let context = self.context_of(id);
        // The change was intended by an earlier attempt of this run, or by the resumed run.
        let context = match (self.in_flight.intended(id), self.recorded(id)) {
            (Some(before), _) => context.after(Some(before)).in_runs(self.runs()),
            (None, Some(recorded)) => {
                with_recorded(context.after(Some(recorded.before)).in_runs(self.runs()), recorded)
            }
            (None, None) => context.in_runs(self.runs()),
        };
        self.futures.launch(id, async move {
            let found = within(attempt.limit, attempt.work.find(context)).await;
            Ended::Existing(Box::new(attempt), Box::new(found))
        });
    }

    /// Returns the operation of the change that an earlier attempt, or the resumed run, has started and not seen
    /// the end of.
    fn unfinished(&self, id: NodeId) -> Option<String> {
        if self.in_flight.intended(id).is_some() {
            return self.in_flight.operation(id).map(str::to_owned);
        }
        let Aim { intent, recorded, .. } = &self.in_flight.get(id)?.aim;
        let recorded = recorded.filter(|recorded| recorded.outcome.is_none())?;
        let is_same = recorded.intent.compare(intent) == Comparison::Same;
        recorded.operation.clone().filter(|_| is_same)
    }

    /// Continues a step with the queried state.
    pub(super) fn found(&mut self, id: NodeId, attempt: Attempt, found: Result<Existing, StepError>) {
        let is_sensitive = self.place(id).is_some_and(|place| place.step().sensitive);
        let found = found.map(|found| if is_sensitive { found.hidden() } else { found });
        match self.mode.decides(id, found) {
            Decision::End(result) => self.step_ended(id, result),
            Decision::Plan(change) => self.plan(id, change, &*attempt.work),
            Decision::Change(found) => self.proceed(id, attempt, found),
        }
    }

    /// Makes a change, unless the queried state makes it needless or forbids it.
    fn proceed(&mut self, id: NodeId, attempt: Attempt, found: Existing) {
        let is_own = self.in_flight.intended(id).is_some();
        let prior = self.in_flight.get(id).filter(|_| !is_own).map_or(Prior::None, |begun| begun.aim.prior);
        match (found, prior) {
            (Existing::AsWanted(mut outcome), prior) if prior.was_made() => {
                // The earlier run made the change and records it.
                outcome.change = Change::None;
                self.still_there(id, prior, outcome);
            }
            (Existing::AsWanted(outcome), _) => self.step_ended(id, Ok(outcome)),
            (Existing::Altered(mismatches), prior) if prior.was_made() => {
                let error = self.altered(id, &mismatches);
                self.step_ended(id, Err(error));
            }
            (Existing::Unknown(why), Prior::Unconfirmed) if !self.may_be_repeated(id) => {
                self.step_ended(id, Err(unconfirmed(&why)));
            }
            (Existing::Unknown(_), Prior::Same) if !self.is_repeated(id) => self.keep_or(id, withheld()),
            (Existing::Different(differences, _), Prior::Same) if !self.is_repeated(id) => {
                self.differs(id, &differences);
            }
            _ if self.is_stopped(id) => self.step_ended(id, Err(stopped())),
            // An earlier run or attempt may have changed the state since the plan was reviewed.
            (found, prior) => match self.hold(id, &found) {
                Err(error) if prior != Prior::Unconfirmed && !is_own => self.step_ended(id, Err(error)),
                _ => self.change(id, attempt, &found, prior),
            },
        }
    }

    /// Ends a step whose change was made by an earlier run and still exists.
    fn still_there(&mut self, id: NodeId, prior: Prior, outcome: Outcome) {
        let Some(place) = self.place(id) else { return };
        let kept = self.recorded(id).filter(|_| prior == Prior::Same);
        if !kept.is_some_and(|recorded| self.keep_begun(id, &place, recorded)) {
            self.warn_of_fresh(id, &place, kept);
            self.step_ended(id, Ok(outcome));
        }
    }

    /// Warns of a change that an earlier run made from a value that each run makes anew.
    fn warn_of_fresh(&mut self, id: NodeId, place: &Place, kept: Option<&RecordedChange>) {
        let is_fresh = self.in_flight.marks(id).differ_in_every_run();
        if let Some(recorded) = kept.filter(|_| is_fresh) {
            self.tally.report(outdated(place.step(), &self.address(id), recorded));
        }
    }

    /// Checks a change against the reviewed plan, if there is one.
    fn hold(&self, id: NodeId, found: &Existing) -> Result<(), StepError> {
        if self.job.held.is_none() {
            return Ok(());
        }
        reviewed_plan::change(self.planned(id).and_then(|planned| planned.planned_change.as_ref()), found)
    }

    /// Returns true if a change that may have been made can safely be made again.
    fn may_be_repeated(&self, id: NodeId) -> bool {
        self.in_flight.get(id).is_some_and(|begun| begun.behavior.repeatable)
    }

    /// Returns true if the step repeats its change until a condition holds.
    fn is_repeated(&self, id: NodeId) -> bool {
        let has_conditions = |step: &Step| step.control.conditions().next().is_some();
        self.may_be_repeated(id) && self.place(id).is_some_and(|place| has_conditions(place.step()))
    }

    /// Makes a change, once the intent is durable.
    fn change(&mut self, id: NodeId, attempt: Attempt, found: &Existing, prior: Prior) {
        let Some(place) = self.place(id) else { return };
        let step = self.address(id);
        if prior.was_made() {
            let scope = self.state.step_scope(place.module, place.index, &place.instance);
            if let Err(errors) = execute::preconditions(&scope, place.step(), &step) {
                return self.step_failed(Start::Work(id), place.step(), step, errors, None);
            }
        }
        // A deleted object is created anew; otherwise the state before the first change counts.
        let is_gone = prior.was_made() && matches!(found, Existing::Absent);
        let earlier = self.recorded(id).filter(|_| !is_gone);
        let unfinished = self.unfinished(id);
        let first = earlier.map_or_else(|| found.before(), |recorded| recorded.before);
        let before = self.in_flight.intend(id, first);
        let intent = self.in_flight.get(id).map(|begun| begun.aim.intent.clone()).unwrap_or_default();
        let Intent { fingerprint, arguments, .. } = intent;
        let (prior, kept) = match earlier {
            Some(recorded) => (recorded.prior.clone(), recorded.kept.clone()),
            None => prior_of(found),
        };
        let proof = attempt.work.proof().map(|proof| Box::new(ShownValue::from(&proof)));
        let proof = proof.or_else(|| earlier.and_then(|recorded| recorded.proof.clone()));
        let change = Some(Box::new(described(found)));
        self.emit(Event::ChangeIntended { step, before, fingerprint, arguments, change, prior, kept, proof });
        if let Some(begun) = self.in_flight.get_mut(id)
            && !matches!(found, Existing::Unknown(_))
        {
            // The query has resolved the uncertainty of earlier attempts.
            begun.partial_outcome.uncertain = false;
        }
        let stored = self.events.barrier();
        let context = self.context_of(id).after(Some(before)).in_runs(self.runs());
        let context = match earlier {
            Some(recorded) => with_recorded(context, recorded),
            None => context,
        };
        let context = context.continuing(unfinished.as_deref());
        let Attempt { work, limit } = attempt;
        self.futures.launch(id, async move {
            let result = match stored.await {
                Ok(()) => within(limit, work.run(context)).await.map_err(|error| match error.kind() {
                    ErrorKind::Timeout => error.uncertain(),
                    _ => error,
                }),
                Err(reason) => Err(not_recorded(&reason)),
            };
            Ended::Step(Box::new(result))
        });
    }
}

/// The size above which a prior state or the differences of a change are not recorded, in bytes of JSON.
const LARGEST: usize = 256 << 10;

/// Returns the recorded description of a change; one that differs in too much has no differences.
fn described(found: &Existing) -> PlannedChange {
    let change = PlannedChange::of(found);
    let size = |change: &PlannedChange| serde_json::to_string(change).map_or(usize::MAX, |json| json.len());
    match change {
        PlannedChange::Update(ref all) if !all.is_empty() && size(&change) > LARGEST => {
            PlannedChange::Update(Vec::new())
        }
        PlannedChange::Replace(ref all) if !all.is_empty() && size(&change) > LARGEST => {
            PlannedChange::Replace(Vec::new())
        }
        change => change,
    }
}

/// Returns the recorded form of the state before a change, and the file that keeps its content.
fn prior_of(found: &Existing) -> (Option<Box<ShownValue>>, Option<String>) {
    let Some(prior) = found.prior() else { return (None, None) };
    let shown = ShownValue::from(&prior.state);
    let is_small = shown.json().to_string().len() <= LARGEST;
    let kept = prior.kept.as_deref().map(slashed);
    (is_small.then(|| Box::new(shown)), kept)
}

/// Returns the error that nothing was changed because the intent could not be written.
pub(super) fn not_recorded(reason: &str) -> StepError {
    StepError::new(ErrorKind::Local, "the journal cannot be written, so arcbook changed nothing")
        .detail(reason)
        .help("check the free space of the disk and the permissions of the directory, then run again")
}

fn stopped() -> StepError {
    StepError::new(ErrorKind::Stopped, "the run was stopped before the step changed anything")
}

fn unconfirmed(why: &str) -> StepError {
    StepError::new(ErrorKind::Stopped, "it is unknown whether the resumed run made this change")
        .detail(format!("The record has its start, but no certain end, and arcbook cannot find out: {why}."))
        .help("check its effect yourself, then start a new run: leave out `-resume`")
}

/// Adds the recorded outputs of a step to its context.
fn with_recorded(context: Context, recorded: &RecordedChange) -> Context {
    match &recorded.outcome {
        Some(outcome) => context.made(recall::recorded(&outcome.outputs)),
        None => context,
    }
}
