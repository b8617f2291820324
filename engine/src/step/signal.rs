//! Defines the messages that a running step sends to the run.

use std::time::Duration;

use tokio::sync::oneshot;

/// Progress that a running step reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The step sends a request.
    Sent {
        /// The HTTP method.
        method: String,
        /// The URL, without sensitive parts.
        url: String,
    },
    /// The step has received a response.
    Answered {
        /// The HTTP status.
        status: u16,
        /// The service's request ID.
        request_id: Option<String>,
    },
    /// A request failed, and the step will resend it.
    Retrying {
        /// The number of the next attempt, counted from 1.
        attempt: u32,
        /// The maximum number of attempts.
        attempts: u32,
        /// The delay before the next attempt.
        after: Duration,
        /// The reason why the last attempt failed.
        reason: String,
    },
    /// The step has sent or received so many bytes of a file.
    Transferred {
        /// The number of bytes so far.
        bytes: u64,
        /// The size of the file in bytes.
        size: u64,
    },
    /// The service works on an operation that the step polls.
    Polling {
        /// The service's word for the state, such as `Creating`.
        status: String,
        /// The share that is done, if the service reports it.
        percent: Option<u32>,
        /// The delay before the next poll.
        after: Duration,
    },
    /// The step lets time pass.
    Waiting {
        /// The time that is left.
        left: Duration,
    },
}

/// A message of a running step.
#[derive(Debug)]
pub enum Signal {
    /// The step has made progress.
    Progress(Progress),
    /// The service accepted the change and works on it. The sender gets an answer once the record holds the
    /// URL, or the reason why it does not.
    Accepted {
        /// The URL at which the operation is polled.
        operation: String,
        /// The answer.
        stored: oneshot::Sender<Result<(), String>>,
    },
    /// The operation has ended.
    Settled {
        /// The service's word for the final state.
        state: String,
    },
    /// The step waits and needs no place under `-parallelism` until it continues.
    Waits,
    /// The step wants to continue; the sender gets an answer once a place is free.
    Continues(oneshot::Sender<()>),
}
