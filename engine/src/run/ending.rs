//! Handles the ends of steps and tokens.

use std::sync::Arc;

use super::dispatcher::{Dispatcher, Ended};
use super::execute::{self, Verdict};
use super::failure;
use super::partial_outcome::PartialOutcome;
use super::summary::{Report, Status, Summary};
use super::{Completion, CriticalPath, Event, Start};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::graph::{Instance, Item, ModuleId, Node, NodeId};
use crate::plan::{self, Address, KnownResult, Marking, Named};
use crate::runbook::{OnError, Runbook, Step};
use crate::step::{Audience, Change, ErrorKind, Outcome, StepError, TokenFacts};
use crate::value::Value;

/// The location of a step in the runbook.
pub(super) struct Place {
    runbook: Arc<Runbook>,
    pub module: ModuleId,
    pub index: usize,
    pub instance: Instance,
}

impl Place {
    pub fn step(&self) -> &Step {
        &self.runbook.steps[self.index]
    }
}

impl Dispatcher<'_> {
    pub(super) fn ended(&mut self, ended: Ended) {
        match ended {
            Ended::Existing(id, found) => self.found(id, found.0, found.1),
            Ended::Step(id, result) => self.step_ended(id, *result),
            Ended::Token(id, audience, result) => self.token_ended(id, &audience, result),
            Ended::Rest(id) => self.rested(id),
            Ended::Aborted(id) => self.aborted(id),
        }
    }

    pub(super) fn step_ended(&mut self, id: NodeId, result: Result<Outcome, StepError>) {
        let Some(place) = self.place(id) else { return };
        let address = self.address(id);
        match result {
            Err(error) => self.attempt_failed(id, &place, address, error),
            Ok(outcome) => self.attempt_done(id, &place, address, outcome),
        }
    }

    fn attempt_failed(&mut self, id: NodeId, place: &Place, address: String, error: StepError) {
        let stopped = self.is_stopped(id);
        let after = self.begun.get_mut(&id).and_then(|begun| {
            begun.partial_outcome.uncertain |= error.is_uncertain();
            begun.step_retries.after_failure(&error, fastrand::f64())
        });
        if let Some(after) = after.filter(|_| !stopped) {
            let reason = error.summary().to_owned();
            self.begun.entry(id).and_modify(|begun| begun.last = Some(error));
            return self.retry(id, address, after, reason);
        }
        let unwaited = self.begun.get(&id).and_then(|begun| begun.step_retries.unwaited(&error));
        let error = match unwaited.filter(|_| !stopped) {
            Some(unwaited) => error.more_detail(&unwaited).help("run again after that time"),
            None => error,
        };
        self.step_error(Start::Work(id), place.step(), address, &error);
    }

    fn attempt_done(&mut self, id: NodeId, place: &Place, address: String, outcome: Outcome) {
        let step = place.step();
        let marks = self.begun.get(&id).map(|begun| begun.marks.clone()).unwrap_or_default();
        let marking = Marking { step, address: &address, arguments: &marks };
        let partial_outcome = PartialOutcome::of(marking, &outcome);
        let scope = self.state.step_scope(place.module, place.index, &place.instance);
        let object = execute::object(&scope, marking, outcome, &self.job.secrets);
        let change = self.begun.get_mut(&id).map_or(Change::None, |begun| {
            begun.partial_outcome.add(partial_outcome, object.as_ref().ok());
            begun.partial_outcome.change.unwrap_or(Change::None)
        });
        let verdict = object.and_then(|object| {
            let verdict = execute::judge(&scope.clone().with_self(&object), step, &address)?;
            Ok((object, verdict))
        });
        let (after, repeated) = match verdict {
            Err(errors) => return self.step_failed(Start::Work(id), step, address, errors, None),
            Ok((object, Verdict::Good)) => return self.step_done(id, place, address, object, change),
            Ok((_, Verdict::Again(repeated))) => {
                let begun = self.begun.get_mut(&id);
                let after = begun.and_then(|begun| repeated.after(&mut begun.step_retries, fastrand::f64()));
                (after, repeated)
            }
        };
        if after.is_some() && self.is_stopped(id) {
            let stopped = self.stopped("the step was done");
            return self.step_error(Start::Work(id), step, address, &stopped);
        }
        match (after, self.begun.get_mut(&id)) {
            (Some(after), Some(begun)) => {
                begun.last = None;
                self.retry(id, address, after, repeated.reason());
            }
            (_, begun) => {
                let error = repeated.unmet(begun.map(|begun| &begun.step_retries)).about(&address);
                self.step_failed(Start::Work(id), step, address, error.into(), None);
            }
        }
    }

    fn step_done(&mut self, id: NodeId, place: &Place, address: String, object: Value, change: Change) {
        if self.refresh.is_some() {
            return self.answered(id, place, &address, object);
        }
        let milliseconds = self.since(id);
        let outputs = Named::of_result(&object, &place.step().step_type.schema().outputs);
        if change != Change::None {
            self.ends.changed.push((address.clone(), change));
        }
        self.emit(Event::StepFinished { step: address, change, outputs, milliseconds });
        self.state.set_step(place.module, place.index, &place.instance, object);
        self.summary.done += 1;
        self.summary.changed += usize::from(change != Change::None);
        self.finish(Start::Work(id), Completion::Done);
        self.secure(change);
    }

    /// Makes the end of a change durable soon, so that fewer changes are unconfirmed after a crash.
    fn secure(&mut self, change: Change) {
        if change != Change::None {
            drop(self.events.barrier());
        }
    }

    fn token_ended(&mut self, id: NodeId, audience: &Audience, result: Result<TokenFacts, StepError>) {
        let milliseconds = self.since(id);
        let audience = audience.to_string();
        match result {
            Ok(TokenFacts { identity, expires_on, principal }) => {
                self.emit(Event::TokenAcquired { audience, identity, expires_on, principal, milliseconds });
                self.finish(Start::Work(id), Completion::Done);
            }
            Err(error) => {
                let errors = Diagnostics::from(failure::token(&audience, &error));
                let error = failure::json(&errors, self.job.sources);
                self.ends.failed.push((self.address(id), failure::why(&errors)));
                self.emit(Event::TokenFailed { audience, error, milliseconds });
                self.failed(Start::Work(id), errors);
            }
        }
    }

    /// Queues a parked step for its next attempt.
    fn rested(&mut self, id: NodeId) {
        self.handles.remove(&id);
        self.resting.remove(&id);
        let skipped = self.schedule.unpark(id);
        self.all_skipped(skipped);
    }

    /// Ends a node that was aborted while it ran or was parked.
    fn aborted(&mut self, id: NodeId) {
        if self.resting.contains(&id) {
            return self.rested(id);
        }
        match self.schedule.graph().get(id).clone() {
            Node::Token(audience) => {
                let error = self.stopped("the token was there");
                self.token_ended(id, &audience, Err(error));
            }
            Node::Item { .. } => {
                let Some(place) = self.place(id) else { return };
                let error = self.stopped("the step was done");
                let error = if self.intended.contains_key(&id) { error.uncertain() } else { error };
                let address = self.address(id);
                self.step_error(Start::Work(id), place.step(), address, &error);
            }
        }
    }

    /// Returns the error that the run stopped before `then`.
    pub(super) fn stopped(&self, then: &str) -> StepError {
        let why =
            if self.interrupts > 0 { "the run was stopped" } else { "the time limit of the run was reached" };
        StepError::new(ErrorKind::Stopped, format!("{why} before {then}"))
    }

    pub(super) fn step_error(&mut self, start: Start, step: &Step, address: String, error: &StepError) {
        let errors = Diagnostics::from(failure::step(step, &address, error));
        self.step_failed(start, step, address, errors, Some(error));
    }

    /// Ends a failed step; the run continues according to its `on_error`. `error` is the step's own error, if
    /// it reported one.
    pub(super) fn step_failed(
        &mut self,
        start: Start,
        step: &Step,
        address: String,
        errors: Diagnostics,
        error: Option<&StepError>,
    ) {
        let id = start.node();
        let errors = errors.about(&address);
        let stopped = error.is_some_and(|error| error.kind() == ErrorKind::Stopped);
        let tolerated = step.control.on_error == OnError::Continue && !stopped;
        self.step_ended_badly(
            id,
            step,
            address,
            &errors,
            (tolerated, error.is_some_and(StepError::is_uncertain)),
        );
        if tolerated {
            self.diagnostics.append(errors.into_iter().map(Diagnostic::into_warning).collect());
            self.finish(start, Completion::Done);
        } else {
            self.failed(start, errors);
        }
    }

    pub(super) fn step_ended_badly(
        &mut self,
        id: NodeId,
        step: &Step,
        address: String,
        errors: &Diagnostics,
        (tolerated, uncertain): (bool, bool),
    ) {
        let error = failure::json(errors, self.job.sources);
        let milliseconds = self.since(id);
        self.gave_nothing(id, step, &address);
        let why = failure::why(errors);
        if tolerated {
            self.summary.tolerated += 1;
            self.answer(&address, KnownResult::Failed(why.clone()));
            self.ends.tolerated.push((address.clone(), why));
        } else {
            self.summary.failed += 1;
            self.answer(&address, KnownResult::Missing(format!("it failed: {why}")));
            self.ends.failed.push((address.clone(), why));
        }
        let partial_outcome = self.begun.get_mut(&id).map(|begun| std::mem::take(&mut begun.partial_outcome));
        let PartialOutcome { uncertain: earlier, change, outputs } = partial_outcome.unwrap_or_default();
        let uncertain = uncertain || earlier;
        self.emit(Event::StepFailed {
            step: address,
            error,
            uncertain,
            tolerated,
            change,
            outputs,
            milliseconds,
        });
        self.secure(change.unwrap_or(Change::None));
    }

    /// Sets the result of a step instance to null.
    pub(super) fn gave_nothing(&mut self, id: NodeId, step: &Step, address: &str) {
        if let Node::Item { module, item: Item::Step(index), instance } =
            self.schedule.graph().get(id).clone()
        {
            self.state.set_step(module, index, &instance, plan::nothing(step, address));
        }
    }

    /// Ends a node, and reports every node that does not run because of it.
    pub(super) fn finish(&mut self, start: Start, completion: Completion) {
        let id = start.node();
        self.begun.remove(&id);
        self.handles.remove(&id);
        self.times.end(id, self.events.elapsed());
        let skipped = self.schedule.finish(start, completion);
        self.all_skipped(skipped);
        self.forget();
    }

    /// Drops results that no remaining step reads, which bounds the memory of a long run.
    fn forget(&mut self) {
        for id in self.schedule.unread() {
            // Any reader may ask for all instances of a repeated block, so only unrepeated steps are dropped.
            if let Node::Item { module, item: Item::Step(index), instance: Instance::Only } =
                *self.schedule.graph().get(id)
            {
                self.state.forget_step(module, index);
            }
        }
    }

    pub(super) fn failed(&mut self, start: Start, errors: Diagnostics) {
        self.diagnostics.append(errors);
        self.finish(start, Completion::Failed);
    }

    pub(super) fn place(&self, id: NodeId) -> Option<Place> {
        match self.schedule.graph().get(id) {
            Node::Item { module, item: Item::Step(index), instance } => Some(Place {
                runbook: self.state.runbook(*module).clone(),
                module: *module,
                index: *index,
                instance: instance.clone(),
            }),
            _ => None,
        }
    }

    /// Reports the result of the run, with the final event made by `finished`.
    pub(super) async fn end(
        mut self,
        finished: impl FnOnce(Status, Summary, CriticalPath) -> Event,
    ) -> Report {
        self.summary.milliseconds = self.events.elapsed() / 1_000;
        self.diagnostics.extend(self.target_filter.unmet().map(Address::unmet));
        let unaccounted = self.unaccounted();
        self.diagnostics.extend(unaccounted);
        let status = if self.interrupts > 0 {
            Status::Interrupted
        } else if self.diagnostics.has_errors() {
            Status::Failed
        } else {
            Status::Done
        };
        let critical_path = self.times.critical_path(|id| self.address(id));
        let summary = self.summary;
        self.emit(finished(status, summary, critical_path.clone()));
        if let Err(reason) = self.events.barrier().await {
            self.diagnostics.push(
                Diagnostic::error("not-recorded", "the record of the run is incomplete")
                    .detail(reason)
                    .help("check the free space of the disk and the permissions of the directory"),
            );
        }
        let status =
            if self.diagnostics.has_errors() && status == Status::Done { Status::Failed } else { status };
        let nodes = self.schedule.graph().nodes().filter(|(id, _)| !self.target_filter.leaves_out(*id));
        let steps = nodes.filter(|(_, node)| self.is_step(node)).count();
        let outputs = self.outputs.into_iter();
        let name = |index: usize| self.job.runbook.outputs[index].name.value.to_string();
        let outputs = outputs.map(|(index, value)| (name(index), value)).collect();
        let Self { ends, diagnostics, .. } = self;
        Report { status, summary, critical_path, steps, outputs, ends, diagnostics }
    }

    pub(super) fn since(&self, id: NodeId) -> u64 {
        self.times.since(id, self.events.elapsed()) / 1_000
    }
}
