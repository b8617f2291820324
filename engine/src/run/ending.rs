//! Handles the ends of steps and tokens.

use super::dispatcher::Dispatcher;
use super::ended::Ended;
use super::execute::{self, Verdict};
use super::failure;
use super::partial_outcome::PartialOutcome;
use super::place::Place;
use super::tally::incomplete;
use super::{Completion, Event, Report, Start};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::graph::{Instance, Item, Node, NodeId};
use crate::plan::{self, Address, KnownResult, Marking, Named};
use crate::runbook::Step;
use crate::step::{Change, ErrorKind, Outcome, StepError};
use crate::value::Value;

impl Dispatcher<'_> {
    /// Handles the end of a node's future; `ended` is missing if the future was aborted.
    pub(super) fn ended(&mut self, id: NodeId, ended: Option<Ended>) {
        match ended {
            Some(Ended::Existing(attempt, found)) => self.found(id, *attempt, *found),
            Some(Ended::Step(result)) => self.step_ended(id, *result),
            Some(Ended::Token(result)) => self.token_ended(id, result),
            Some(Ended::Rest) => self.rested(id),
            None => self.aborted(id),
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
        let after = self.in_flight.get_mut(id).and_then(|begun| {
            begun.partial_outcome.uncertain |= error.is_uncertain();
            begun.step_retries.after_failure(&error, fastrand::f64())
        });
        if let Some(after) = after.filter(|_| !stopped) {
            let reason = error.summary().to_owned();
            if let Some(begun) = self.in_flight.get_mut(id) {
                begun.last = Some(error);
            }
            return self.retry(id, address, after, reason);
        }
        let unwaited = self.in_flight.get(id).and_then(|begun| begun.step_retries.unwaited(&error));
        let error = match unwaited.filter(|_| !stopped) {
            Some(unwaited) => error.more_detail(&unwaited).help("run again after that time"),
            None => self.with_the_failure_before(id, error),
        };
        self.step_error(Start::Work(id), place.step(), address, &error);
    }

    /// Adds the failure of an earlier attempt to an end of the time, which itself says nothing about the cause.
    fn with_the_failure_before(&self, id: NodeId, error: StepError) -> StepError {
        let last = self.in_flight.get(id).and_then(|begun| begun.last.as_ref());
        let Some(last) =
            last.filter(|last| error.kind() == ErrorKind::Timeout && last.kind() != ErrorKind::Timeout)
        else {
            return error;
        };
        let why = last.why().map_or_else(String::new, |why| format!(" {why}"));
        error.more_detail(&format!("An attempt before failed: {}.{why}", last.summary()))
    }

    fn attempt_done(&mut self, id: NodeId, place: &Place, address: String, outcome: Outcome) {
        let step = place.step();
        let marks = self.in_flight.marks(id);
        let marking = Marking { step, address: &address, arguments: &marks };
        let partial_outcome = PartialOutcome::of(marking, &outcome);
        let scope = self.state.step_scope(place.module, place.index, &place.instance);
        let object = execute::object(&scope, marking, outcome, &self.job.secrets);
        let change = self.in_flight.get_mut(id).map_or(Change::None, |begun| {
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
                let begun = self.in_flight.get_mut(id);
                let after = begun.and_then(|begun| repeated.after(&mut begun.step_retries, fastrand::f64()));
                (after, repeated)
            }
        };
        if after.is_some() && self.is_stopped(id) {
            let stopped = self.stops.error("the step was done");
            return self.step_error(Start::Work(id), step, address, &stopped);
        }
        match (after, self.in_flight.get_mut(id)) {
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
        let milliseconds = self.since(id);
        let outputs = Named::of_result(&object, &place.step().step_type.schema().outputs);
        self.tally.done(&address, change);
        self.state.set_step(place.module, place.index, &place.instance, object.clone());
        self.mode.learn(Some(id), &address, KnownResult::Gave(object));
        let effect = self.in_flight.effect(id);
        let receipt = self.in_flight.get_mut(id).and_then(|begun| begun.partial_outcome.receipt.take());
        let finished = Event::StepFinished { step: address, change, outputs, receipt, milliseconds };
        self.emit(self.mode.done(effect, finished));
        self.finish(Start::Work(id), Completion::Done);
        self.secure(change);
    }

    /// Makes the end of a change durable soon, so that fewer changes are unconfirmed after a crash.
    fn secure(&mut self, change: Change) {
        if change != Change::None {
            drop(self.events.barrier());
        }
    }

    /// Queues a parked step for its next attempt.
    fn rested(&mut self, id: NodeId) {
        self.futures.forget(id);
        self.in_flight.unpark(id);
        let skipped = self.schedule.unpark(id);
        self.all_skipped(skipped);
    }

    /// Ends a node that was aborted while it ran or was parked.
    fn aborted(&mut self, id: NodeId) {
        if self.in_flight.is_parked(id) {
            return self.rested(id);
        }
        match self.schedule.graph().get(id).clone() {
            Node::Token { .. } => {
                let error = self.stops.error("the token was there");
                self.token_ended(id, Err(error));
            }
            Node::Item { .. } => {
                let Some(place) = self.place(id) else { return };
                let error = self.stops.error("the step was done");
                let error = if self.in_flight.intended(id).is_some() { error.uncertain() } else { error };
                let address = self.address(id);
                self.step_error(Start::Work(id), place.step(), address, &error);
            }
        }
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
        let tolerated = !stopped && self.tolerates(id, step);
        self.step_ended_badly(
            id,
            step,
            address,
            &errors,
            (tolerated, error.is_some_and(StepError::is_uncertain)),
        );
        if tolerated {
            self.tally.report_all(errors.into_iter().map(Diagnostic::into_warning));
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
            self.mode.learn(None, &address, KnownResult::Failed(why.clone()));
            self.tally.tolerated(&address, why);
        } else {
            self.mode.learn(None, &address, KnownResult::Missing(format!("it failed: {why}")));
            self.tally.failed(&address, why);
        }
        let partial_outcome =
            self.in_flight.get_mut(id).map(|begun| std::mem::take(&mut begun.partial_outcome));
        let PartialOutcome { uncertain: earlier, change, outputs, receipt } =
            partial_outcome.unwrap_or_default();
        let uncertain = uncertain || earlier;
        self.emit(Event::StepFailed {
            step: address,
            error,
            uncertain,
            tolerated,
            change,
            outputs,
            receipt,
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
        self.in_flight.end(id);
        self.futures.forget(id);
        self.times.end(id, self.events.elapsed());
        let skipped = self.schedule.finish(start, completion);
        self.all_skipped(skipped);
        self.forget();
    }

    /// Drops results that no remaining step reads, which bounds the memory of a long run.
    pub(super) fn forget(&mut self) {
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
        self.tally.report_all(errors);
        self.finish(start, Completion::Failed);
    }

    pub(super) fn place(&self, id: NodeId) -> Option<Place> {
        Place::of(self.schedule.graph().get(id), &self.state)
    }

    /// Reports the result of the run.
    pub(super) async fn end(mut self) -> Report {
        self.tally.report_all(self.target_filter.unmet().map(Address::unmet));
        let overspent = self.overspent();
        self.tally.report_all(overspent);
        let unaccounted = self.unaccounted();
        self.tally.report_all(unaccounted);
        let status = self.tally.status(self.stops.is_interrupted());
        let summary = self.tally.summary(self.events.elapsed() / 1_000);
        let critical_path = self.times.critical_path(|id| self.address(id), |id| self.limit(id));
        self.emit(self.mode.finished(status, summary, critical_path.clone()));
        if let Err(reason) = self.events.barrier().await {
            self.tally.report(incomplete(reason));
        }
        let nodes = self.schedule.graph().nodes().filter(|(id, _)| !self.target_filter.leaves_out(*id));
        let steps = nodes.filter(|(_, node)| self.is_step(node)).count();
        let name = |index: usize| self.job.runbook.outputs[index].name.value.to_string();
        let identities = self.state.identities().collect();
        Report { identities, ..self.tally.into_report((status, summary), critical_path, steps, name) }
    }

    pub(super) fn since(&self, id: NodeId) -> u64 {
        self.times.since(id, self.events.elapsed()) / 1_000
    }
}
