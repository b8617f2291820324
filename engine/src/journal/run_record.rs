//! Folds the events of a run into the facts that every reader of a record asks for.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use super::{Acted, Journal, RecordedIntent, Who};
use crate::diagnostic::json::JsonDiagnostic;
use crate::graph::Acting;
use crate::plan::{Named, ShownValue};
use crate::run::{Cause, Event, Record, RunFinished, RunStarted, Summary, targets};
use crate::step::{ActionFacts, Change, Effect, Setting, Title};

/// A run as its journal records it.
///
/// It borrows from the journal; steps, tokens and outputs are in the order of their first events.
#[derive(Clone, Debug, Default)]
pub struct RunRecord<'a> {
    /// The time of the first record; empty if there is none.
    pub at: &'a str,
    /// The start of the run; none if the run was killed before it was written.
    pub started: Option<&'a RunStarted>,
    /// The declared identities by address.
    pub identities: IndexMap<&'a str, IdentityFacts<'a>>,
    /// The tokens that were acquired.
    pub tokens: Vec<RecordedToken<'a>>,
    /// The steps by address.
    pub steps: IndexMap<&'a str, RecordedStep<'a>>,
    /// The outputs.
    pub outputs: Vec<RecordedOutput<'a>>,
    /// The end of the run; none if it was killed, or still runs.
    pub finished: Option<&'a RunFinished>,
    /// The numbers of steps by result, counted from their events.
    pub summary: Summary,
    /// True if the user asked to stop.
    pub was_interrupted: bool,
    /// True if the time limit of the run passed.
    pub was_expired: bool,
    /// The number of records.
    pub count: u64,
    /// The number of tokens that were not issued, of values that could not be evaluated, and of time limits that passed.
    problems: usize,
}

/// An identity that a run evaluated.
#[derive(Clone, Copy, Debug)]
pub struct IdentityFacts<'a> {
    /// The kind.
    pub kind: &'a str,
    /// The arguments, without secrets.
    pub arguments: &'a Named,
}

/// A token that a run acquired.
#[derive(Clone, Copy, Debug)]
pub struct RecordedToken<'a> {
    /// The audience.
    pub audience: &'a str,
    /// The address of the identity, or `machine`.
    pub acts_as: &'a str,
    /// The identity and how it was found, in words.
    pub identity: &'a str,
    /// The principal, in facts from the token.
    pub principal: &'a Setting,
}

/// A step of a run.
#[derive(Clone, Debug, Default)]
pub struct RecordedStep<'a> {
    /// The start; none for a step that did not start.
    pub started: Option<StepStart<'a>>,
    /// The changes that the step was about to make, one per attempt.
    pub intents: Vec<RecordedIntent<'a>>,
    /// The last operation of the service for the step; none if the record names none.
    pub operation: Option<RecordedOperation<'a>>,
    /// The end; none if the run was killed before it.
    pub ending: Option<StepEnding<'a>>,
}

/// The start of a step.
#[derive(Clone, Copy, Debug)]
pub struct StepStart<'a> {
    /// The step type.
    pub step_type: &'a str,
    /// The effect.
    pub effect: Effect,
    /// The last step or token that it waited for.
    pub after: Option<&'a str>,
    /// The address of the identity as which it acted, or `machine`; none if it needed no token.
    pub acts_as: Option<&'a str>,
    /// The object that the step reads or changes, in words.
    pub title: &'a Title,
    /// The origins of the secrets that go into each argument.
    pub secrets: &'a BTreeMap<String, Vec<String>>,
    /// True if the results contain a secret that no argument brings.
    pub gives_secret: bool,
    /// The actions of the step.
    pub actions: &'a [ActionFacts],
    /// The fingerprint of the arguments; none for a step that only computes.
    pub fingerprint: Option<&'a str>,
}

/// An operation that a service started for a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordedOperation<'a> {
    /// The service still worked on it at the end of the record, and reports its state at this URL.
    Running(&'a str),
    /// It has ended.
    Ended,
}

impl<'a> RecordedOperation<'a> {
    /// Returns the URL of an operation that has not ended.
    #[must_use]
    pub const fn url(self) -> Option<&'a str> {
        match self {
            Self::Running(url) => Some(url),
            Self::Ended => None,
        }
    }
}

/// The end of a step.
#[derive(Clone, Copy, Debug)]
pub struct StepEnding<'a> {
    /// The sequence number of the event.
    pub seq: u64,
    /// The result.
    pub result: StepResult<'a>,
}

/// The result of a step.
#[derive(Clone, Copy, Debug)]
pub enum StepResult<'a> {
    /// The step succeeded.
    Finished {
        /// The change that it made.
        change: Change,
        /// The outputs.
        outputs: &'a Named,
        /// The proof of the change.
        receipt: Option<&'a ShownValue>,
    },
    /// The step failed.
    Failed {
        /// The error.
        error: &'a JsonDiagnostic,
        /// True if the outcome of its change is unknown.
        uncertain: bool,
        /// True if the run continued as if the step had succeeded.
        tolerated: bool,
        /// The change that it made before it failed.
        change: Option<Change>,
        /// The outputs before the failure.
        outputs: Option<&'a Named>,
        /// The proof of the change.
        receipt: Option<&'a ShownValue>,
    },
    /// The result is that of a resumed run.
    Recalled {
        /// The change that the step made.
        change: Change,
        /// The outputs.
        outputs: &'a Named,
    },
    /// The step did not run.
    Skipped {
        /// The kind of reason.
        cause: Cause,
        /// The reason, in words.
        because: &'a str,
    },
}

/// An output of a run.
#[derive(Clone, Copy, Debug)]
pub struct RecordedOutput<'a> {
    /// The name.
    pub name: &'a str,
    /// The value; none if it is sensitive.
    pub value: Option<&'a ShownValue>,
}

impl RecordedStep<'_> {
    /// Returns the objects that the actions change.
    #[must_use]
    pub fn target(&self) -> Vec<String> {
        targets(self.started.map_or(&[], |started| started.actions))
    }

    /// Returns the outputs of a step that succeeded, in this run or in one that it resumed.
    #[must_use]
    pub fn outputs(&self) -> Option<&Named> {
        match self.ending?.result {
            StepResult::Finished { outputs, .. } | StepResult::Recalled { outputs, .. } => Some(outputs),
            StepResult::Failed { .. } | StepResult::Skipped { .. } => None,
        }
    }
}

impl<'a> RunRecord<'a> {
    /// Folds the records of a journal.
    #[must_use]
    pub fn of(journal: &'a Journal) -> Self {
        let mut run = Self::default();
        for record in journal.records() {
            run.take(record);
        }
        run
    }

    /// Returns who ran it, where, as which principal and with which approval; none if the run was killed before
    /// its start was written.
    #[must_use]
    pub fn who(&self) -> Option<Who<'a>> {
        self.started.map(|started| Who { started, actors: self.actors() })
    }

    /// Returns the identities whose tokens were acquired, with the facts of all their tokens.
    fn actors(&self) -> Vec<Acted<'a>> {
        let mut actors: IndexMap<&str, Acted<'a>> = IndexMap::new();
        for token in &self.tokens {
            let first =
                || Acted { acts_as: token.acts_as, identity: token.identity, principal: Setting::default() };
            actors.entry(token.acts_as).or_insert_with(first).principal.merge(token.principal.clone());
        }
        actors.into_values().collect()
    }

    /// Returns true if something failed, other than steps that did not fail the run.
    #[must_use]
    pub fn has_failures(&self) -> bool {
        self.summary.failed + self.problems > 0
    }

    /// Returns true if a step of the run succeeded and changed something.
    #[must_use]
    pub fn has_changed(&self) -> bool {
        let changed = |ending: &StepEnding<'_>| matches!(ending.result, StepResult::Finished { change, .. } if change != Change::None);
        self.steps.values().any(|step| step.ending.as_ref().is_some_and(changed))
    }

    fn take(&mut self, record: &'a Record) {
        if self.count == 0 {
            self.at = &record.at;
        }
        self.count += 1;
        match &record.event {
            Event::RunStarted(started) => self.started = Some(started),
            Event::RunFinished(finished) => self.finished = Some(finished),
            Event::IdentityEvaluated { identity, kind, arguments, .. } => {
                self.identities.insert(identity, IdentityFacts { kind, arguments });
            }
            Event::TokenAcquired { audience, acts_as, identity, principal, .. } => {
                let acts_as = acts_as.as_deref().unwrap_or(Acting::MACHINE);
                self.tokens.push(RecordedToken { audience, acts_as, identity, principal });
            }
            Event::Output { name, value, .. } => {
                self.outputs.push(RecordedOutput { name, value: value.as_ref() });
            }
            Event::DeadlinePassed { .. } => {
                self.problems += 1;
                self.was_expired = true;
            }
            Event::TokenFailed { .. } | Event::ValueFailed { .. } => self.problems += 1,
            Event::Interrupted { .. } => self.was_interrupted = true,
            Event::StepStarted { .. } => self.start(&record.event),
            Event::ChangeIntended { step, .. } => {
                let intent = RecordedIntent::of(record);
                self.step(step).intents.extend(intent);
            }
            Event::OperationFinished { step, .. } => {
                self.step(step).operation = Some(RecordedOperation::Ended);
            }
            Event::OperationStarted { step, operation } => {
                self.step(step).operation = Some(RecordedOperation::Running(operation));
            }
            Event::StepFinished { .. }
            | Event::StepFailed { .. }
            | Event::StepRecalled { .. }
            | Event::StepSkipped { .. } => self.end(record),
            Event::StepsAdded { .. }
            | Event::TokenRequested { .. }
            | Event::RequestSent { .. }
            | Event::RequestAnswered { .. }
            | Event::RequestRetried { .. }
            | Event::BytesTransferred { .. }
            | Event::StepRetried { .. }
            | Event::OperationPolled { .. }
            | Event::StepWaiting { .. }
            | Event::CheckFailed { .. }
            | Event::RefreshStarted { .. }
            | Event::ChangeChecking { .. }
            | Event::ChangePlanned { .. }
            | Event::RefreshFinished { .. } => {}
        }
    }

    /// Takes the start of a step.
    fn start(&mut self, event: &'a Event) {
        let Event::StepStarted {
            step,
            step_type,
            acts_as,
            title,
            effect,
            after,
            secrets,
            gives_secret,
            actions,
            fingerprint,
            ..
        } = event
        else {
            return;
        };
        self.step(step).started = Some(StepStart {
            step_type,
            effect: *effect,
            after: after.as_deref(),
            acts_as: acts_as.as_deref(),
            title,
            secrets,
            gives_secret: *gives_secret,
            actions,
            fingerprint: fingerprint.as_deref(),
        });
    }

    /// Takes the end of a step.
    fn end(&mut self, record: &'a Record) {
        let summary = &mut self.summary;
        let (step, result) = match &record.event {
            Event::StepFinished { step, change, outputs, receipt, .. } => {
                summary.done += 1;
                summary.changed += usize::from(*change != Change::None);
                (step, StepResult::Finished { change: *change, outputs, receipt: receipt.as_deref() })
            }
            Event::StepFailed { step, error, uncertain, change, outputs, receipt, tolerated, .. } => {
                let count = if *tolerated { &mut summary.tolerated } else { &mut summary.failed };
                *count += 1;
                let (uncertain, tolerated, change) = (*uncertain, *tolerated, *change);
                let (outputs, receipt) = (outputs.as_ref(), receipt.as_deref());
                (step, StepResult::Failed { error, uncertain, tolerated, change, outputs, receipt })
            }
            Event::StepRecalled { step, change, outputs, .. } => {
                summary.done += 1;
                summary.recalled += 1;
                (step, StepResult::Recalled { change: *change, outputs })
            }
            Event::StepSkipped { step, cause, because } => {
                let is_left_out = *cause == Cause::LeftOut;
                let count = if is_left_out { &mut summary.left_out } else { &mut summary.skipped };
                *count += 1;
                (step, StepResult::Skipped { cause: *cause, because })
            }
            _ => return,
        };
        self.step(step).ending = Some(StepEnding { seq: record.seq, result });
    }

    fn step(&mut self, address: &'a str) -> &mut RecordedStep<'a> {
        self.steps.entry(address).or_default()
    }
}
