//! Defines the events of a run.

use std::collections::BTreeMap;

use arcbook_derive::ReadEvents;
use serde::Serialize;

use crate::diagnostic::json::JsonDiagnostic;
use crate::plan::{Named, PlannedChange, ShownValue};
use crate::redact::Redact;
use crate::step::{ActionFacts, Change, Effect, PriorState, Setting, Title};

use super::{Cause, RunFinished, RunStarted, Status, StopSignal};

/// The version of the event schema, which `docs/events.md` describes.
pub const FORMAT: u32 = 1;

/// An event with its number and its time.
#[derive(Clone, Debug, PartialEq, Serialize, Redact)]
pub struct Record {
    /// The sequence number, from 1 without gaps.
    pub seq: u64,
    /// The time of the event in UTC, as RFC 3339 with milliseconds.
    #[redact(word)]
    pub at: String,
    /// The time since the start of the run, by a monotonic clock.
    pub elapsed_microseconds: u64,
    /// The event.
    #[serde(flatten)]
    pub event: Event,
}

/// An event of a run; the types that write it also read it.
///
/// Sensitive values are replaced where events are made, and every writer of events redacts them again. Fields
/// marked as words hold arcbook's own text, which is not searched for secrets.
#[derive(Clone, Debug, PartialEq, Serialize, ReadEvents, Redact)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A run begins.
    RunStarted(Box<RunStarted>),
    /// The number of instances of a block is known now, which adds steps.
    StepsAdded {
        /// The address of the block.
        address: String,
        /// The number of added steps.
        steps: usize,
    },
    /// The arguments of an identity are known.
    IdentityEvaluated {
        /// The address.
        identity: String,
        /// The kind.
        kind: String,
        /// The arguments.
        arguments: Named,
        /// The origins of the secrets that go into each argument.
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        secrets: BTreeMap<String, Vec<String>>,
        /// The identity and how it is found, in words.
        source: String,
    },
    /// The run requests a token.
    TokenRequested {
        /// The audience.
        audience: String,
        /// The address of the identity, or `machine`.
        #[serde(skip_serializing_if = "Option::is_none")]
        acts_as: Option<String>,
        /// The time for which the request was ready and waited for a place under `-parallelism`.
        #[serde(skip_serializing_if = "is_zero")]
        queued_microseconds: u64,
    },
    /// The run has received a token.
    TokenAcquired {
        /// The audience.
        audience: String,
        /// The address of the identity, or `machine`.
        #[serde(skip_serializing_if = "Option::is_none")]
        acts_as: Option<String>,
        /// The identity that the token belongs to, and how it was found.
        identity: String,
        /// The expiry time, in seconds since 1970.
        expires_on: i64,
        /// The principal, in facts from the token itself.
        #[serde(skip_serializing_if = "Setting::is_empty")]
        principal: Setting,
        /// The duration of the request.
        milliseconds: u64,
    },
    /// A token request failed.
    TokenFailed {
        /// The audience.
        audience: String,
        /// The address of the identity, or `machine`.
        #[serde(skip_serializing_if = "Option::is_none")]
        acts_as: Option<String>,
        /// The error.
        error: Box<JsonDiagnostic>,
        /// The duration of the request.
        milliseconds: u64,
    },
    /// A step begins.
    StepStarted {
        /// The address.
        step: String,
        /// The step type.
        #[serde(rename = "type")]
        step_type: String,
        /// The address of the identity as which it acts, or `machine`; none if it needs no token.
        #[serde(skip_serializing_if = "Option::is_none")]
        acts_as: Option<String>,
        /// The effect of the step: `nothing`, `reads` or `changes`.
        effect: Effect,
        /// The object that the step reads or changes, in words.
        #[serde(skip_serializing_if = "Title::is_empty")]
        title: Title,
        /// The origins of the secrets that go into each argument.
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        secrets: BTreeMap<String, Vec<String>>,
        /// True if its results contain a secret that no argument brings.
        gives_secret: bool,
        /// The requests that the step makes.
        actions: Vec<ActionFacts>,
        /// The fingerprint of the arguments; none for a step that only computes.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[redact(word)]
        fingerprint: Option<String>,
        /// The last step or token that the step waited for.
        #[serde(skip_serializing_if = "Option::is_none")]
        after: Option<String>,
        /// The time for which the step was ready and waited for a place under `-parallelism` or a limit.
        #[serde(skip_serializing_if = "is_zero")]
        queued_microseconds: u64,
        /// The limit that the step waited for last, if not for `-parallelism`.
        #[serde(skip_serializing_if = "Option::is_none")]
        queued_for: Option<String>,
    },
    /// A refresh begins, which queries the services without changing anything.
    RefreshStarted {
        /// The name of the runbook.
        runbook: String,
        /// The identity whose tokens steps use, and how it was chosen; none if no step uses a token.
        #[serde(skip_serializing_if = "Option::is_none")]
        identity: Option<String>,
        /// The number of steps.
        steps: usize,
    },
    /// The refresh queries the state that a step would change.
    ChangeChecking {
        /// The address.
        step: String,
        /// The step type.
        #[serde(rename = "type")]
        step_type: String,
        /// The requests of the step, including those that change something.
        actions: Vec<ActionFacts>,
    },
    /// The planned change of a step is known, or the reason why it is not.
    ChangePlanned {
        /// The address.
        step: String,
        /// The change, as a plan shows it.
        change: PlannedChange,
        /// The duration of the query.
        milliseconds: u64,
    },
    /// A refresh is over.
    RefreshFinished {
        /// The final status.
        status: Status,
        /// The duration of the refresh.
        milliseconds: u64,
    },
    /// A step is about to change something. This event is durable before any changing request is sent.
    ChangeIntended {
        /// The address.
        step: String,
        /// The state before the change.
        before: PriorState,
        /// The fingerprint of the arguments, except those that differ in every run.
        #[redact(word)]
        #[serde(skip_serializing_if = "String::is_empty")]
        fingerprint: String,
        /// The arguments whose text appears in the URLs of the requests, except those that differ in every
        /// run.
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        arguments: BTreeMap<String, String>,
        /// The change, as a plan shows it.
        #[serde(skip_serializing_if = "Option::is_none")]
        change: Option<Box<PlannedChange>>,
        /// The content of the object before the change, from which an undo can put it back.
        #[serde(skip_serializing_if = "Option::is_none")]
        prior: Option<Box<ShownValue>>,
        /// The file to which the step copies the prior content.
        #[serde(skip_serializing_if = "Option::is_none")]
        kept: Option<String>,
        /// The proof that the change is going to leave, as far as it is known.
        #[serde(skip_serializing_if = "Option::is_none")]
        proof: Option<Box<ShownValue>>,
    },
    /// A step sends a request.
    RequestSent {
        /// The address.
        step: String,
        /// The HTTP method.
        method: String,
        /// The URL.
        url: String,
    },
    /// A step has received a response.
    RequestAnswered {
        /// The address.
        step: String,
        /// The HTTP status.
        status: u16,
        /// The service's request ID.
        #[serde(skip_serializing_if = "Option::is_none")]
        request_id: Option<String>,
    },
    /// A request failed, and the step will resend it.
    RequestRetried {
        /// The address.
        step: String,
        /// The number of the next attempt, counted from 1.
        attempt: u32,
        /// The maximum number of attempts.
        attempts: u32,
        /// The delay before the next attempt.
        after_milliseconds: u64,
        /// The reason why the last attempt failed.
        reason: String,
    },
    /// A step has sent or received a part of a file.
    BytesTransferred {
        /// The address.
        step: String,
        /// The number of bytes so far.
        bytes: u64,
        /// The size of the file in bytes.
        size: u64,
    },
    /// The service accepted a change and works on it; the event is durable before the first poll.
    OperationStarted {
        /// The address.
        step: String,
        /// The URL at which the operation is polled.
        operation: String,
    },
    /// An operation has ended.
    OperationFinished {
        /// The address.
        step: String,
        /// The service's word for the final state.
        state: String,
    },
    /// The service still works on an operation.
    OperationPolled {
        /// The address.
        step: String,
        /// The service's word for the state.
        state: String,
        /// The share that is done.
        #[serde(skip_serializing_if = "Option::is_none")]
        percent: Option<u32>,
        /// The delay before the next poll.
        after_milliseconds: u64,
    },
    /// A step lets time pass.
    StepWaiting {
        /// The address.
        step: String,
        /// The time that is left.
        left_milliseconds: u64,
    },
    /// A step will make another attempt.
    StepRetried {
        /// The address.
        step: String,
        /// The number of the next attempt, counted from 1.
        attempt: u32,
        /// The maximum number of attempts; none if they are not counted.
        #[serde(skip_serializing_if = "Option::is_none")]
        attempts: Option<u32>,
        /// True if the last attempt failed; false if it succeeded and is repeated, such as for `until`.
        failed: bool,
        /// The delay before the next attempt.
        after_milliseconds: u64,
        /// The reason for the next attempt.
        reason: String,
    },
    /// A step succeeded.
    StepFinished {
        /// The address.
        step: String,
        /// The change that the step made.
        change: Change,
        /// The outputs.
        outputs: Named,
        /// The proof of the change, from which an undo learns whether the object was changed since.
        #[serde(skip_serializing_if = "Option::is_none")]
        receipt: Option<Box<ShownValue>>,
        /// The duration of the step.
        milliseconds: u64,
    },
    /// A step failed.
    StepFailed {
        /// The address.
        step: String,
        /// The error.
        error: Box<JsonDiagnostic>,
        /// True if the step sent a change and its outcome is unknown.
        uncertain: bool,
        /// The change that the step made before it failed.
        #[serde(skip_serializing_if = "Option::is_none")]
        change: Option<Change>,
        /// The outputs before the failure, if the step changed something.
        #[serde(skip_serializing_if = "Option::is_none")]
        outputs: Option<Named>,
        /// The proof of the change, from which an undo learns whether the object was changed since.
        #[serde(skip_serializing_if = "Option::is_none")]
        receipt: Option<Box<ShownValue>>,
        /// True if the run continues as if the step had succeeded, because of its `on_error`.
        tolerated: bool,
        /// The duration of the step.
        milliseconds: u64,
    },
    /// The result of a step is taken from a resumed run.
    StepRecalled {
        /// The address.
        step: String,
        /// The run that executed the step.
        #[redact(word)]
        run: String,
        /// The change that the step made.
        change: Change,
        /// The outputs.
        outputs: Named,
    },
    /// A step does not run.
    StepSkipped {
        /// The address.
        step: String,
        /// The kind of reason.
        cause: Cause,
        /// The reason, in words.
        because: String,
    },
    /// An output has a value.
    Output {
        /// The name.
        name: String,
        /// The value; none if it is sensitive.
        #[serde(skip_serializing_if = "Option::is_none")]
        value: Option<ShownValue>,
        /// True if the value is sensitive.
        sensitive: bool,
        /// The origins of the secrets in it.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        secrets: Vec<String>,
    },
    /// The evaluation of a variable, a local value, an output or a number of instances failed.
    ValueFailed {
        /// The address.
        address: String,
        /// The error.
        error: Box<JsonDiagnostic>,
    },
    /// A check failed; the run continues.
    CheckFailed {
        /// The address.
        check: String,
        /// The error.
        error: Box<JsonDiagnostic>,
    },
    /// A signal asked the run to stop.
    Interrupted {
        /// The signal.
        signal: StopSignal,
        /// True if the run waits for the steps in progress.
        waits: bool,
    },
    /// The time limit of the run has passed; steps in progress are aborted.
    DeadlinePassed {
        /// The time limit.
        limit_milliseconds: u64,
    },
    /// A run is over.
    RunFinished(RunFinished),
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}
