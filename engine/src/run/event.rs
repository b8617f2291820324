//! What happens in a run, as data.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value as Json;

use crate::plan::SelectionFacts;
use crate::plan::file::FileFacts;
use crate::redact::Redact;
use crate::step::{Change, PriorState, Progress, Setting};

use super::{CallFacts, Cause, CriticalPath, Lineage, Status, Summary, clock};

/// The version of the schema of events, which `docs/events.md` describes.
pub const FORMAT: u32 = 1;

/// An event, its number and its time.
#[derive(Clone, Debug, Serialize, Redact)]
pub struct Record {
    /// Counts from 1 without gaps.
    pub seq: u64,
    /// When it happened, in UTC, as RFC 3339 with milliseconds.
    #[redact(word)]
    pub at: String,
    /// How long after the beginning of the run it happened, by a clock that never goes back.
    pub elapsed_microseconds: u64,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// What happened.
///
/// Sensitive values are left out where events are made; whoever writes an event redacts it too. Fields that hold a text
/// of arcbook's own are marked as words, in which no secret is looked for.
#[derive(Clone, Debug, Serialize, Redact)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A run begins.
    RunStarted {
        /// The name of the run.
        #[redact(word)]
        run: String,
        /// The version of the schema of events: [`FORMAT`].
        format: u32,
        /// The name of the runbook.
        runbook: String,
        /// The directory it lies in, whole.
        directory: String,
        /// The version of arcbook.
        #[redact(word)]
        arcbook: String,
        /// Who steps act as, and how that was chosen.
        identity: String,
        /// The world that it acts on, as the platform names it.
        #[serde(skip_serializing_if = "Setting::is_empty")]
        setting: Setting,
        /// The files of the runbook, with digests of what was run.
        files: Vec<FileFacts>,
        /// The files that functions read for the plan; their paths are from the directory of the runbook.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        read: Vec<FileFacts>,
        /// The values of the variables by name.
        variables: Json,
        /// What the seals are made with: random, in hexadecimal.
        #[redact(word)]
        salt: String,
        /// For each sensitive variable what tells whether a later run has the same value; see `docs/journal.md`.
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        #[redact(word)]
        seals: BTreeMap<String, String>,
        /// How many steps there are.
        steps: usize,
        /// The SHA-256 of the plan file that is run.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[redact(word)]
        plan: Option<String>,
        /// The run that this one goes on from.
        #[serde(skip_serializing_if = "Option::is_none")]
        resumes: Option<Box<Lineage>>,
        /// The run that this one takes back.
        #[serde(skip_serializing_if = "Option::is_none")]
        undoes: Option<Box<Lineage>>,
        /// The part of the runbook that is run.
        #[serde(skip_serializing_if = "Option::is_none")]
        selection: Option<Box<SelectionFacts>>,
    },
    /// There are more steps than was known: how many instances a block has is known now.
    StepsAdded {
        /// The address of the block.
        address: String,
        /// How many steps were added.
        steps: usize,
    },
    /// A token is asked for.
    TokenRequested {
        /// Who it is for.
        audience: String,
        /// How long it was ready and waited for a place, since so much else was at work.
        #[serde(skip_serializing_if = "is_zero")]
        queued_microseconds: u64,
    },
    /// A token is there.
    TokenAcquired {
        /// Who it is for.
        audience: String,
        /// Who it speaks for.
        identity: String,
        /// When it expires, in seconds since 1970.
        expires_on: i64,
        /// Who it speaks for, as the token itself says.
        #[serde(skip_serializing_if = "Setting::is_empty")]
        principal: Setting,
        /// How long it took.
        milliseconds: u64,
    },
    /// A token could not be had.
    TokenFailed {
        /// Who it is for.
        audience: String,
        /// Why.
        error: Json,
        /// How long it took.
        milliseconds: u64,
    },
    /// A step begins.
    StepStarted {
        /// Its address.
        step: String,
        /// Its type.
        #[serde(rename = "type")]
        step_type: String,
        /// What it does to the world: `nothing`, `reads` or `changes`.
        effect: &'static str,
        /// The requests it makes.
        calls: Vec<CallFacts>,
        /// What tells whether it has the same arguments another time; none when it only computes.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[redact(word)]
        fingerprint: Option<String>,
        /// The step or token that it waited for last.
        #[serde(skip_serializing_if = "Option::is_none")]
        after: Option<String>,
        /// How long it was ready and waited for a place, since so much else was at work.
        #[serde(skip_serializing_if = "is_zero")]
        queued_microseconds: u64,
    },
    /// It is asked what a run would change: nothing that changes is run.
    SurveyStarted {
        /// The name of the runbook.
        runbook: String,
        /// Who steps act as, and how that was chosen.
        identity: String,
        /// How many steps there are.
        steps: usize,
    },
    /// A step is asked what it would change.
    ChangeSought {
        /// Its address.
        step: String,
        /// Its type.
        #[serde(rename = "type")]
        step_type: String,
        /// The requests it makes, those that change something among them.
        calls: Vec<CallFacts>,
    },
    /// It is known what a step would change, or why that is not known.
    ChangePlanned {
        /// Its address.
        step: String,
        /// What it would change, as in a plan.
        change: Json,
        /// How long it took.
        milliseconds: u64,
    },
    /// What a run would change was asked for.
    SurveyFinished {
        /// How it ended.
        status: Status,
        /// How long it took.
        milliseconds: u64,
    },
    /// A step is about to change something: it is durable before anything that changes is sent.
    ChangeIntended {
        /// Its address.
        step: String,
        /// What was there before.
        before: PriorState,
        /// What tells whether the change has the same arguments another time, but for those that differ in every run.
        #[redact(word)]
        #[serde(skip_serializing_if = "String::is_empty")]
        fingerprint: String,
        /// Its arguments by name whose text is in the URLs of its requests, but for those that differ in every run.
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        arguments: BTreeMap<String, Json>,
    },
    /// A step sends a request.
    RequestSent {
        /// Its address.
        step: String,
        /// The method.
        method: String,
        /// The URL.
        url: String,
    },
    /// A request was answered.
    RequestAnswered {
        /// Its address.
        step: String,
        /// The status.
        status: u16,
        /// The service's name for the request.
        #[serde(skip_serializing_if = "Option::is_none")]
        request_id: Option<String>,
    },
    /// A request failed and will be sent again.
    RequestRetried {
        /// Its address.
        step: String,
        /// The attempt that comes next, counted from 1.
        attempt: u32,
        /// How many attempts there are at most.
        attempts: u32,
        /// How long it waits first.
        after_milliseconds: u64,
        /// Why the last one failed.
        reason: String,
    },
    /// An attempt at a step was not good enough: it will be tried again.
    StepRetried {
        /// Its address.
        step: String,
        /// The attempt that comes next, counted from 1.
        attempt: u32,
        /// How many attempts there are at most, where they are counted.
        #[serde(skip_serializing_if = "Option::is_none")]
        attempts: Option<u32>,
        /// Whether the last one failed; it did not when it went well and is done once more, such as for `until`.
        failed: bool,
        /// How long it waits first.
        after_milliseconds: u64,
        /// Why.
        reason: String,
    },
    /// A step is done.
    StepFinished {
        /// Its address.
        step: String,
        /// What it did to the world.
        change: Change,
        /// What it gave.
        outputs: Json,
        /// How long it took.
        milliseconds: u64,
    },
    /// A step failed.
    StepFailed {
        /// Its address.
        step: String,
        /// Why.
        error: Json,
        /// Whether a change was sent and nobody knows whether it was made.
        uncertain: bool,
        /// What it did to the world before it failed.
        #[serde(skip_serializing_if = "Option::is_none")]
        change: Option<Change>,
        /// What it gave before it failed, when it did something.
        #[serde(skip_serializing_if = "Option::is_none")]
        outputs: Option<Json>,
        /// Whether the run goes on as if it had not failed, since its `on_error` says so.
        tolerated: bool,
        /// How long it took.
        milliseconds: u64,
    },
    /// A step was done by a run that this one resumes, and is not done again.
    StepRecalled {
        /// Its address.
        step: String,
        /// The run that did it.
        #[redact(word)]
        run: String,
        /// What it did to the world.
        change: Change,
        /// What it gave.
        outputs: Json,
    },
    /// A step was not run.
    StepSkipped {
        /// Its address.
        step: String,
        /// The kind of reason.
        cause: Cause,
        /// The reason in words.
        because: String,
    },
    /// An output came out.
    Output {
        /// Its name.
        name: String,
        /// Its value; left out when it is sensitive.
        #[serde(skip_serializing_if = "Option::is_none")]
        value: Option<Json>,
        /// Whether it is sensitive.
        sensitive: bool,
    },
    /// A variable, a local value or an output could not be had, or the number of instances of a block.
    ValueFailed {
        /// Its address.
        address: String,
        /// Why.
        error: Json,
    },
    /// A check does not hold; nothing stops because of it.
    CheckFailed {
        /// Its address.
        check: String,
        /// What does not hold.
        error: Json,
    },
    /// The user asked to stop.
    Interrupted {
        /// Whether what is in flight is waited for.
        waits: bool,
    },
    /// The time of the run is over: what is in flight is given up.
    DeadlinePassed {
        /// How long it could take.
        limit_milliseconds: u64,
    },
    /// The run is over.
    RunFinished {
        /// How it ended.
        status: Status,
        /// The numbers.
        #[serde(flatten)]
        summary: Summary,
        /// What determined how long it took.
        #[serde(flatten)]
        critical_path: CriticalPath,
    },
}

impl Event {
    /// What a step at that address told of itself.
    pub(super) fn of_progress(step: String, progress: Progress) -> Self {
        match progress {
            Progress::Sent { method, url } => Self::RequestSent { step, method: method.to_owned(), url },
            Progress::Answered { status, request_id } => Self::RequestAnswered { step, status, request_id },
            Progress::Retrying { attempt, attempts, after, reason } => {
                let after_milliseconds = clock::milliseconds(after);
                Self::RequestRetried { step, attempt, attempts, after_milliseconds, reason }
            }
        }
    }
}

/// What a step of that effect is doing, in a word.
#[must_use]
pub fn doing(effect: &str) -> &'static str {
    match effect {
        "changes" => "changing",
        "reads" => "reading",
        _ => "computing",
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}
