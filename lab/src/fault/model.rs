//! Faults: the failure, the requests that it applies to, and the number of times.

use std::time::Duration;

use time::OffsetDateTime;

use super::{Denial, OperationFault};
use crate::log::Service;

/// A failure, the requests that it applies to, and the number of times.
///
/// As text, for a command line: `SERVICE:KIND[:key=value…]`.
///
/// | part | values |
/// |---|---|
/// | `SERVICE` | `himds`, `imds`, `arm`, `keyvault`, `blob`, `graph`, `login`, `any` |
/// | `KIND` | a status from 400 to 599, `reset`, `lost-answer`, `truncate`, `delay`, `slow-body`, `html`, `garbage`; others for one service, as `docs/lab.md` lists them |
/// | `times=` | a number (default 1) or `always` |
/// | `method=` | the request's method |
/// | `path=` | a part of the request's path and query |
/// | `retry-after=` | with a status: seconds |
/// | `retry-after-date=` | with a status: an HTTP date this many seconds ahead |
/// | `retry-after-ms=` | with a status: milliseconds |
/// | `ms=` | with `delay` and `slow-body`: milliseconds (default 1000) |
/// | `status=` | with `html`: the status of the page, from 200 to 599 (default 200) |
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
    /// Service whose requests fail; any service when `None`.
    pub service: Option<Service>,
    /// Method of the requests that fail, in capitals; any method when `None`.
    pub method: Option<String>,
    /// Text that the path and query must contain; any when `None`.
    pub path: Option<String>,
    /// The failure.
    pub kind: FaultKind,
    /// Number of requests that fail.
    pub times: Times,
}

/// The number of requests that a [`Fault`] applies to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    /// The next so many matching requests.
    Count(u32),
    /// Every matching request.
    Always,
}

/// The delay after which a refused client should retry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// `Retry-After: N`, in seconds.
    Seconds(u32),
    /// `Retry-After: <HTTP date>`, this many seconds ahead.
    Date(u32),
    /// `retry-after-ms: N`, in milliseconds.
    Milliseconds(u32),
}

/// The effect of a [`Fault`] on a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The service does not execute the request; the response has this status and the service's own error
    /// body.
    Status {
        /// From 400 to 599.
        status: u16,
        /// The retry header; none when `None`.
        retry_after: Option<RetryAfter>,
    },
    /// The service does not execute the request; the connection is reset.
    Reset,
    /// The service executes the request; the connection is reset before the response.
    LostAnswer,
    /// The service executes the request; the connection closes in the middle of the response body.
    Truncate,
    /// The response is delayed by this much.
    Delay(Duration),
    /// The response body is sent in small pieces, over this long.
    SlowBody(Duration),
    /// The service does not execute the request; a proxy on the way answers with an HTML page of this status, such as
    /// the page of a captive portal.
    Html(u16),
    /// The service does not execute the request; the response is a 200 with bytes that are neither JSON nor XML.
    Garbage,
    /// HIMDS, IMDS or Entra issues a token that has already expired.
    ExpiredToken,
    /// Entra refuses a request for a token with the error of this number: `aadsts90033`.
    Entra(u32),
    /// Entra's clock is so many seconds ahead of this machine's.
    ClockAhead(u32),
    /// Entra's clock is so many seconds behind this machine's.
    ClockBehind(u32),
    /// HIMDS refuses a valid key and sends a new challenge.
    RefusedKey,
    /// HIMDS sends a challenge with a file whose key was used before.
    StaleKey,
    /// HIMDS sends a challenge with a file that does not exist.
    MissingKey,
    /// ARM refuses a change.
    Denial(Denial),
    /// An operation that ARM starts deviates.
    Operation(OperationFault),
}

impl FaultKind {
    /// Returns the services that have this fault; none if the transport of every service has it.
    pub(crate) fn services(self) -> &'static [Service] {
        match self {
            Self::RefusedKey | Self::StaleKey | Self::MissingKey => &[Service::Himds],
            Self::ExpiredToken => &[Service::Himds, Service::Imds, Service::Login],
            Self::Entra(_) | Self::ClockAhead(_) | Self::ClockBehind(_) => &[Service::Login],
            Self::Denial(_) | Self::Operation(_) => &[Service::Arm],
            _ => &[],
        }
    }
}

impl RetryAfter {
    /// Returns the header's name and value.
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
