//! Starts steps and tokens, and retries steps.

use std::time::Duration;

use super::aim::{Aim, Prior};
use super::clock;
use super::dispatcher::Dispatcher;
use super::ended::{Attempt, Ended};
use super::execute::{self, Prepared};
use super::in_flight::Begun;
use super::partial_outcome::PartialOutcome;
use super::step_retries::{Limit, StepRetries};
use super::{Cause, Completion, Event, Start};
use crate::graph::{Instance, ModuleId, Node, NodeId};
use crate::plan::{self, ArgumentMarks, Marking, PlannedStep, When};
use crate::runbook::Step;
use crate::step::{ActionFacts, Behavior, Context, Effect, ErrorKind, StepError, Work};

impl<'a> Dispatcher<'a> {
    /// Starts a step, or its next attempt.
    pub(super) fn step(&mut self, start: Start, module: ModuleId, index: usize, instance: &Instance) {
        let id = start.node();
        let runbook = self.state.runbook(module).clone();
        let step = &runbook.steps[index];
        let address = self.address(id);
        if self.in_flight.has(id) {
            return self.again(id, step, (module, index, instance), &address);
        }
        let scope = self.state.step_scope(module, index, instance);
        let when = plan::of_step(&scope, step);
        let made = self.changes(id).iter().rfind(|recorded| recorded.outcome.is_some());
        if matches!(when, Ok(When::No)) {
            // A change that was made stands, even if the step is disabled now.
            let marks = ArgumentMarks::default();
            let marking = Marking { step, address: &address, arguments: &marks };
            if !made.is_some_and(|recorded| self.keep(start, marking, recorded)) {
                self.passed_over(start, step, &address);
            }
            return;
        }
        let planned = self.planned(id);
        let prepared = when.and_then(|when| {
            let prepared = execute::prepare(&scope, step, &address, planned, (self.job, made.is_some()))?;
            Ok((self.mode.leaves(id, step, &when, &prepared), prepared))
        });
        match prepared {
            Ok((Some(unasked), prepared)) => self.leave(id, step, address, unasked, prepared.behavior.effect),
            Ok((None, prepared)) => self.consider(start, step, address, prepared),
            Err(errors) => self.step_failed(start, step, address, errors, None),
        }
    }

    /// Returns the planned step of a node, from the reviewed plan if there is one.
    pub(super) fn planned(&self, id: NodeId) -> Option<&PlannedStep> {
        match &self.job.held {
            Some(held) => held.steps.find(&self.address(id)),
            None => self.job.plan.step(&self.state, self.schedule.graph().get(id)),
        }
    }

    /// Ends a step whose `when` is false: its result is null.
    fn passed_over(&mut self, start: Start, step: &Step, address: &str) {
        self.gave_nothing(start.node(), step, address);
        let is_off = |module| *self.state.when(module) == When::No;
        let because = match self.schedule.graph().get(start.node()) {
            Node::Item { module, .. } if is_off(*module) => "the `when` of its module is false",
            _ => "its `when` is false",
        };
        self.not_run(address.to_owned(), Cause::When, because.to_owned());
        self.finish(start, Completion::Done);
    }

    /// Starts a step, unless an earlier run did its work and the service need not be asked about it.
    fn consider(&mut self, start: Start, step: &Step, address: String, prepared: Prepared) {
        let id = start.node();
        if let Some(errors) = self.absent_actor(id, &prepared.actions) {
            return self.step_failed(start, step, address, errors, None);
        }
        let (fingerprint, intent) = self.intent(id, step, &prepared);
        let acts_as = plan::acts_as(self.schedule.graph(), &self.state, id, &prepared.actions);
        let aim = match self.aim(id, intent, acts_as.as_deref()) {
            Ok(aim) => aim,
            Err(error) => return self.step_error(start, step, address, &error),
        };
        if let Some(recorded) = aim.recorded.filter(|_| aim.prior == Prior::Same) {
            self.resumed.note_rotation(id, &prepared.arguments);
            let marks = ArgumentMarks::from(&prepared.arguments);
            let marking = Marking { step, address: &address, arguments: &marks };
            if self.is_beyond_asking(id, recorded, &aim.intent) && self.keep(start, marking, recorded) {
                return;
            }
        }
        self.launch(id, step, address, prepared, (fingerprint, aim));
    }

    fn launch(
        &mut self,
        id: NodeId,
        step: &Step,
        address: String,
        prepared: Prepared,
        (fingerprint, aim): (Option<String>, Aim<'a>),
    ) {
        let behavior @ Behavior { effect, repeatable } = prepared.behavior;
        let started = Event::StepStarted {
            secrets: plan::secrets_of(
                &address,
                prepared.arguments.iter().map(|(name, value)| (name.as_ref(), value)),
            ),
            step: address,
            step_type: step.step_type.schema().name.to_owned(),
            acts_as: plan::acts_as(self.schedule.graph(), &self.state, id, &prepared.actions),
            effect,
            title: prepared.work.title(),
            gives_secret: plan::gives_secret(step),
            actions: prepared.actions.iter().map(ActionFacts::brief).collect(),
            fingerprint,
            after: self.after(id),
            queued_microseconds: self.times.queued(id),
            queued_for: self.times.queued_for(id).map(|limit| self.limit(limit)),
        };
        self.emit(self.mode.begun(effect, started));
        let Prepared { work, arguments, limits, .. } = prepared;
        let step_retries = StepRetries::new(limits, repeatable);
        let marks = ArgumentMarks::from(&arguments);
        let arguments = step_retries.may_repeat().then_some(arguments);
        let partial_outcome = PartialOutcome::default();
        let begun = Begun { step_retries, arguments, behavior, marks, last: None, partial_outcome, aim };
        self.in_flight.begin(id, begun);
        self.attempt(id, work);
    }

    /// Returns the address of the last dependency that a node waited for.
    fn after(&self, id: NodeId) -> Option<String> {
        self.schedule.after(id).map(|after| self.address(after))
    }

    /// Starts the next attempt of a step.
    fn again(
        &mut self,
        id: NodeId,
        step: &Step,
        (module, index, instance): (ModuleId, usize, &Instance),
        address: &str,
    ) {
        let scope = self.state.step_scope(module, index, instance);
        let arguments = self.in_flight.get(id).and_then(|begun| begun.arguments.as_ref());
        match arguments.map(|arguments| plan::prepare(&scope, step, address, arguments)) {
            Some(Ok(work)) => self.attempt(id, work),
            Some(Err(errors)) => {
                self.step_failed(Start::Work(id), step, address.to_owned(), errors, None);
            }
            None => {}
        }
    }

    fn attempt(&mut self, id: NodeId, work: Box<dyn Work>) {
        let limit = self.in_flight.get(id).and_then(|begun| begun.step_retries.limit());
        if self.in_flight.effect(id) == Effect::Changes {
            return self.look(id, Attempt { work, limit });
        }
        let context = self.context_of(id);
        let work = async move { Ended::Step(Box::new(within(limit, work.run(context)).await)) };
        self.futures.launch(id, work);
    }

    /// Parks a step until its next attempt, which frees its place.
    pub(super) fn retry(&mut self, id: NodeId, step: String, after: Duration, reason: String) {
        let step_retries = self.in_flight.get(id).map(|begun| &begun.step_retries);
        let (attempt, attempts) =
            step_retries.map_or((1, None), |step_retries| (step_retries.number(), step_retries.most()));
        let failed = self.in_flight.get(id).is_some_and(|begun| begun.last.is_some());
        self.emit(Event::StepRetried {
            step,
            attempt,
            attempts,
            failed,
            after_milliseconds: clock::milliseconds(after),
            reason,
        });
        self.schedule.park(id);
        self.in_flight.park(id);
        self.futures.launch(id, async move {
            tokio::time::sleep(after).await;
            Ended::Rest
        });
    }

    pub(super) fn context_of(&self, id: NodeId) -> Context {
        let context = self.context(id);
        let retries = self.in_flight.get(id).is_some_and(|begun| begun.step_retries.retries());
        if retries { context.sending_once() } else { context }
    }

    pub(super) fn context(&self, id: NodeId) -> Context {
        let directory = &self.job.runbook.directory;
        let sender = self.futures.sender(id);
        let context = Context::new(self.address(id), directory, self.job.secrets.clone(), sender);
        let context = match self.identity_of(id) {
            Some(identity) => context.acting_as(identity),
            None => context,
        };
        let context = context.sensitive(self.place(id).is_some_and(|place| place.step().sensitive));
        match &self.job.held {
            Some(held) => context.sending_only(held.files.clone()),
            None => context,
        }
    }
}

/// Awaits `work`; fails when the time limit passes.
pub(super) async fn within<T>(
    limit: Option<Limit>,
    work: impl Future<Output = Result<T, StepError>>,
) -> Result<T, StepError> {
    let Some(limit) = limit else { return work.await };
    tokio::time::timeout_at(limit.at, work).await.unwrap_or_else(|_| Err(too_long(&limit)))
}

fn too_long(Limit { time, whole, .. }: &Limit) -> StepError {
    let what = if *whole { "step" } else { "attempt" };
    StepError::new(ErrorKind::Timeout, format!("the {what} did not end within {time:?}"))
        .argument("timeout")
        .help(format!("raise the `timeout` of the {what}, or find out what takes so long"))
}
