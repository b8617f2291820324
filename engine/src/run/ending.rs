//! What follows when something ends.

use futures::stream::FuturesUnordered;
use serde_json::Value as Json;

use super::clock::milliseconds;
use super::dispatcher::{Dispatcher, Ended, Report};
use super::event::Event;
use super::execute;
use super::failure;
use super::{Completion, Start, Status};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::graph::{Item, Node, NodeId};
use crate::plan::{self, Subject, shown};
use crate::runbook::Step;
use crate::step::{Audience, Change, ErrorKind, Outcome, StepError, TokenFacts};

impl Dispatcher<'_> {
    pub(super) fn ended(&mut self, ended: Ended) {
        match ended {
            Ended::Found(id, found) => self.found(id, found.0, found.1),
            Ended::Step(id, result) => self.step_ended(id, *result),
            Ended::Token(id, audience, result) => self.token_ended(id, &audience, result),
        }
    }

    pub(super) fn step_ended(&mut self, id: NodeId, result: Result<Outcome, StepError>) {
        let Node::Item { module, item: Item::Step(index), instance } = self.schedule.graph().get(id).clone()
        else {
            return;
        };
        let runbook = self.state.runbook(module).clone();
        let step = &runbook.steps[index];
        let address = self.address(id);
        let milliseconds = self.since(id);
        let mut aftermath = Aftermath::of(step, &address, &result);
        let change = result.as_ref().map_or(Change::None, |outcome| outcome.change);
        let site = self.state.step_site(module, index, &instance);
        let object = result
            .map_err(|error| Diagnostics::from(failure::step(step, &address, &error)))
            .and_then(|outcome| execute::object(&site, step, &address, outcome, &self.job.secrets))
            .and_then(|object| {
                let rules = &step.postconditions;
                aftermath.outputs = aftermath.outputs.take().map(|_| shown(&object));
                let site = site.clone().with_self(&object);
                plan::check_all(rules, &site, &Subject::After(&address)).or(())?;
                Ok(object)
            });
        match object {
            Ok(object) => {
                let outputs = shown(&object);
                self.emit(Event::StepFinished { step: address, change, outputs, milliseconds });
                self.state.set_step(module, index, &instance, object);
                self.summary.done += 1;
                self.summary.changed += usize::from(change != Change::None);
                self.schedule.finish(Start::Work(id), Completion::Done);
            }
            Err(errors) => self.step_failed(id, address, errors, aftermath),
        }
        if change != Change::None {
            // The sooner it is on the disk that a change was made, the fewer have to be asked about after a crash.
            drop(self.events.barrier());
        }
    }

    /// Ends a step that failed.
    pub(super) fn step_failed(
        &mut self,
        id: NodeId,
        step: String,
        errors: Diagnostics,
        aftermath: Aftermath,
    ) {
        let Aftermath { uncertain, change, outputs } = aftermath;
        let error = failure::json(&errors, self.job.sources);
        let milliseconds = self.since(id);
        self.emit(Event::StepFailed { step, error, uncertain, change, outputs, milliseconds });
        self.summary.failed += 1;
        self.failed(Start::Work(id), errors);
    }

    fn token_ended(&mut self, id: NodeId, audience: &Audience, result: Result<TokenFacts, StepError>) {
        let milliseconds = self.since(id);
        let audience = audience.to_string();
        match result {
            Ok(TokenFacts { identity, expires_on }) => {
                self.emit(Event::TokenAcquired { audience, identity, expires_on, milliseconds });
                self.schedule.finish(Start::Work(id), Completion::Done);
            }
            Err(error) => {
                let errors = Diagnostics::from(failure::token(&audience, &error));
                let error = failure::json(&errors, self.job.sources);
                self.emit(Event::TokenFailed { audience, error, milliseconds });
                self.summary.failed += 1;
                self.failed(Start::Work(id), errors);
            }
        }
    }

    /// Ends a node that failed, and tells of everything that is not run because of it.
    pub(super) fn failed(&mut self, start: Start, errors: Diagnostics) {
        let because = format!("{} failed", self.address(start.node()));
        self.diagnostics.append(errors);
        for id in self.schedule.finish(start, Completion::Failed) {
            self.skipped(id, &because);
        }
    }

    pub(super) fn skipped(&mut self, id: NodeId, because: &str) {
        if let Node::Item { item: Item::Step(_), .. } = self.schedule.graph().get(id) {
            let step = self.address(id);
            self.summary.skipped += 1;
            self.emit(Event::StepSkipped { step, because: because.to_owned() });
        }
    }

    pub(super) async fn end(mut self) -> Report {
        self.abandon();
        for id in self.schedule.waiting() {
            self.skipped(id, "the run was stopped");
        }
        self.summary.milliseconds = milliseconds(self.began.elapsed());
        let status = if self.interrupts > 0 {
            Status::Interrupted
        } else if self.diagnostics.has_errors() {
            Status::Failed
        } else {
            Status::Done
        };
        self.emit(Event::RunFinished { status, summary: self.summary });
        if let Err(reason) = self.events.barrier().await {
            self.diagnostics.push(
                Diagnostic::error("not-recorded", "the record of the run is not complete")
                    .detail(reason)
                    .help("see that there is room on the disk and the right to write there"),
            );
        }
        let status =
            if self.diagnostics.has_errors() && status == Status::Done { Status::Failed } else { status };
        let is_step = |node: &Node| matches!(node, Node::Item { item: Item::Step(_), .. });
        let nodes = self.schedule.graph().nodes().map(|(_, node)| node);
        let steps = nodes.filter(|node| is_step(node) && !self.state.modules.is_template(node)).count();
        let outputs = self.outputs.into_iter();
        let name = |index: usize| self.job.runbook.outputs[index].name.value.to_string();
        let outputs = outputs.map(|(index, value)| (name(index), value)).collect();
        Report { status, summary: self.summary, steps, outputs, diagnostics: self.diagnostics }
    }

    /// Drops what is still in flight after the user insisted; a change that was sent may or may not have been made.
    fn abandon(&mut self) {
        self.running = FuturesUnordered::new();
        for id in self.schedule.abandon_running() {
            let Node::Item { module, item: Item::Step(index), .. } = *self.schedule.graph().get(id) else {
                continue;
            };
            let runbook = self.state.runbook(module).clone();
            let step = &runbook.steps[index];
            let address = self.address(id);
            let uncertain = self.intended.contains_key(&id);
            let mut error =
                StepError::new(ErrorKind::Stopped, "the run was stopped before the step was done");
            if uncertain {
                error = error.uncertain();
            }
            let errors = Diagnostics::from(failure::step(step, &address, &error));
            let milliseconds = self.since(id);
            self.summary.failed += 1;
            let error = failure::json(&errors, self.job.sources);
            let (change, outputs) = (None, None);
            self.emit(Event::StepFailed { step: address, error, uncertain, change, outputs, milliseconds });
            self.diagnostics.append(errors);
        }
    }

    fn since(&self, id: NodeId) -> u64 {
        self.started.get(&id).map_or(0, |began| milliseconds(began.elapsed()))
    }
}

/// What a step that failed may have left behind.
#[derive(Default)]
pub(super) struct Aftermath {
    /// Whether a change was sent and nobody knows whether it was made.
    pub uncertain: bool,
    /// What it did to the world, when it did something.
    pub change: Option<Change>,
    /// What it gave then, without anything sensitive.
    pub outputs: Option<Json>,
}

impl Aftermath {
    /// What there is to say of a step should it fail from here on.
    fn of(step: &Step, address: &str, result: &Result<Outcome, StepError>) -> Self {
        let outcome = match result {
            Err(error) => return Self { uncertain: error.is_uncertain(), ..Self::default() },
            Ok(Outcome { change: Change::None, .. }) => return Self::default(),
            Ok(outcome) => outcome,
        };
        let schema = step.step_type.schema();
        let outputs = outcome.outputs.iter().map(|(name, value)| {
            let sensitive = schema.output(name).is_some_and(|field| field.sensitive);
            let value = plan::with_marks(value.clone(), step, (address, name), sensitive);
            (name.to_string(), shown(&value))
        });
        Self { uncertain: false, change: Some(outcome.change), outputs: Some(outputs.collect()) }
    }
}
