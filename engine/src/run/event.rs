//! What happens in a run, as data.

use serde::Serialize;
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use crate::source::SourceFile;
use crate::step::Call;

use super::{Status, Summary};

/// The names in a record whose values are words of arcbook itself, in which no secret is looked for.
pub const KEPT: [&str; 9] = ["prev", "seq", "at", "event", "run", "status", "change", "effect", "cause"];

/// An event, its number and its time.
#[derive(Clone, Debug, Serialize)]
pub struct Record {
    /// Counts from 1 without gaps.
    pub seq: u64,
    /// When it happened, in UTC, as RFC 3339 with milliseconds.
    pub at: String,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// What happened. No event holds a secret: sensitive values are left out where events are made.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A run begins.
    RunStarted {
        /// The name of the run.
        run: String,
        /// The name of the runbook.
        runbook: String,
        /// The version of arcbook.
        arcbook: String,
        /// Who steps act as, and how that was chosen.
        identity: String,
        /// The files of the runbook, with digests of what was run.
        files: Vec<FileFacts>,
        /// The values of the variables by name.
        variables: Json,
        /// How many steps there are.
        steps: usize,
    },
    /// A token is asked for.
    TokenRequested {
        /// Who it is for.
        audience: String,
    },
    /// A token is there.
    TokenAcquired {
        /// Who it is for.
        audience: String,
        /// Who it speaks for.
        identity: String,
        /// When it expires, in seconds since 1970.
        expires_on: i64,
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
    /// A step begins. For one that changes something this is the intent: it is durable before anything is sent.
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
        /// The attempt that comes next.
        attempt: u32,
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
        /// How long it waits first.
        after_milliseconds: u64,
        /// Why.
        reason: String,
    },
    /// A step is done.
    StepFinished {
        /// Its address.
        step: String,
        /// What it did to the world: `none`, `created` or `updated`.
        change: &'static str,
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
        /// Whether the run goes on as if it had not failed, since its `on_error` says so.
        tolerated: bool,
        /// How long it took.
        milliseconds: u64,
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
    },
}

/// The kind of reason for which a step is not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Something that it waits for failed.
    Failure,
    /// The run was stopped: by the user, or since its time was over.
    Stopped,
    /// Its `when` is false, or that of a module around it.
    When,
    /// It cleans up after failures, and there was none.
    Unneeded,
}

/// A file of the runbook.
#[derive(Clone, Debug, Serialize)]
pub struct FileFacts {
    /// The path, as the user wrote it.
    pub path: String,
    /// The SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}

impl FileFacts {
    /// The facts of a file.
    #[must_use]
    pub fn of(file: &SourceFile) -> Self {
        let digest = Sha256::digest(file.text().as_bytes());
        Self { path: file.path().display().to_string(), sha256: format!("{digest:x}") }
    }
}

/// A request as the plan shows it.
#[derive(Clone, Debug, Serialize)]
pub struct CallFacts {
    /// The method.
    pub method: &'static str,
    /// The URL, its sensitive and unknown parts named as such.
    pub url: String,
    /// Who the token is for that goes with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
}

impl From<&Call> for CallFacts {
    fn from(call: &Call) -> Self {
        Self {
            method: call.method.as_str(),
            url: call.url.to_string(),
            audience: call.audience.as_ref().map(ToString::to_string),
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
