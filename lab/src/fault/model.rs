//! What can go wrong, for which requests, and how often.

use std::time::Duration;

use time::OffsetDateTime;

use crate::log::Service;

/// A failure, the requests it befalls, and how often.
///
/// As text, for a command line: `SERVICE:KIND[:key=value…]`.
///
/// | part | values |
/// |---|---|
/// | `SERVICE` | `himds`, `arm`, `keyvault`, `blob`, `login`, `any` |
/// | `KIND` | a status from 400 to 599, `reset`, `lost-answer`, `truncate`, `delay`, `slow-body`; of `himds` also `expired-token`, `refused-key`, `stale-key`, `missing-key` |
/// | `times=` | a number (1 when left out) or `always` |
/// | `method=` | the request's method |
/// | `path=` | a part of the request's path and query |
/// | `retry-after=` | with a status: seconds |
/// | `retry-after-date=` | with a status: an HTTP date this many seconds ahead |
/// | `retry-after-ms=` | with a status: milliseconds |
/// | `ms=` | with `delay` and `slow-body`: milliseconds (1000 when left out) |
///
/// ```
/// use arcbook_lab::{Fault, FaultKind, Times};
///
/// let fault: Fault = "keyvault:429:retry-after=1:times=2".parse()?;
/// assert_eq!(fault.times, Times::Count(2));
/// assert!(matches!(fault.kind, FaultKind::Status { status: 429, .. }));
/// # Ok::<(), arcbook_lab::FaultError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Service whose requests fail; any when `None`.
    pub service: Option<Service>,
    /// Method of the requests that fail, in capitals; any when `None`.
    pub method: Option<String>,
    /// Text that must be in the path and query; any when `None`.
    pub path: Option<String>,
    /// What happens.
    pub kind: FaultKind,
    /// How many requests it befalls.
    pub times: Times,
}

/// How many requests a [`Fault`] befalls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    /// The next so many that match.
    Count(u32),
    /// Every one that matches.
    Always,
}

/// When a refused client is told to come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// `Retry-After: N`, in seconds.
    Seconds(u32),
    /// `Retry-After: <HTTP date>`, so many seconds ahead.
    Date(u32),
    /// `retry-after-ms: N`, in milliseconds.
    Milliseconds(u32),
}

/// What a [`Fault`] does to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The request is not carried out; the answer has this status and the service's own error body.
    Status {
        /// From 400 to 599.
        status: u16,
        /// Nothing is said of when to come back when `None`.
        retry_after: Option<RetryAfter>,
    },
    /// The request is not carried out; the connection is reset.
    Reset,
    /// The request is carried out, and the connection is reset before the answer.
    LostAnswer,
    /// The request is carried out, and the connection ends in the middle of the answer's body.
    Truncate,
    /// The answer comes late by this much.
    Delay(Duration),
    /// The answer's body comes in small pieces, over this long.
    SlowBody(Duration),
    /// HIMDS issues a token that is over already.
    ExpiredToken,
    /// HIMDS refuses a good key and challenges afresh.
    RefusedKey,
    /// HIMDS challenges with a file whose key was used before.
    StaleKey,
    /// HIMDS challenges with a file that is not there.
    MissingKey,
}

impl FaultKind {
    /// Whether only HIMDS can do this, in one stage of its exchange.
    pub(crate) fn is_himds(self) -> bool {
        matches!(self, Self::ExpiredToken | Self::RefusedKey | Self::StaleKey | Self::MissingKey)
    }
}

impl RetryAfter {
    /// Name and value of the header.
    pub(crate) fn header(self, now: OffsetDateTime) -> (&'static str, String) {
        match self {
            Self::Seconds(seconds) => ("retry-after", seconds.to_string()),
            Self::Date(seconds) => {
                ("retry-after", crate::clock::http(now + time::Duration::seconds(i64::from(seconds))))
            }
            Self::Milliseconds(milliseconds) => ("retry-after-ms", milliseconds.to_string()),
        }
    }
}
