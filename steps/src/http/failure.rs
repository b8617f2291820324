//! The failure of one attempt.

use std::error::Error;
use std::fmt;
use std::io;
use std::time::Duration;

use super::HttpResponse;
use super::connect::TimedOut;
use super::envelope::Envelope;

/// The failure of one attempt to get a successful response.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// The host name has no address. `temporary` if the name server could not answer.
    UnknownHost { host: String, temporary: bool },
    /// The peer's certificate is invalid.
    Certificate { reason: String },
    /// The connection failed; nothing was sent. `refused` if nothing listens at the port.
    Unreachable { reason: String, refused: bool },
    /// The connection broke after the request was sent, or the response was cut short.
    Broken { reason: String },
    /// No complete response arrived within this time.
    Slow { limit: Duration },
    /// The response's body is longer than this many bytes.
    TooLong { limit: usize },
    /// The response is not successful.
    Status(HttpResponse),
    /// The response is not that of the service: a proxy or a captive portal answered with this status.
    Foreign { status: u16, is_page: bool },
}

impl Failure {
    /// Classifies a failed exchange; `connecting` if it failed before the connection was ready.
    pub fn of(error: &(dyn Error + 'static), connecting: bool) -> Self {
        if let Some(UnknownHost { host, temporary }) = find(error) {
            return Self::UnknownHost { host: host.clone(), temporary: *temporary };
        }
        if let Some(error) = find::<rustls::Error>(error) {
            return Self::Certificate { reason: error.to_string() };
        }
        let reason = find::<TimedOut>(error).map_or_else(|| reason(error), ToString::to_string);
        if connecting {
            Self::Unreachable { reason, refused: is_refused(error) }
        } else {
            Self::Broken { reason }
        }
    }

    /// Returns whether the request may have made a change although no response confirms it.
    pub fn leaves_change_unknown(&self) -> bool {
        match self {
            // A proxy that answers in place of the service may have passed on the request.
            Self::Broken { .. } | Self::Slow { .. } | Self::TooLong { .. } | Self::Foreign { .. } => true,
            Self::Status(response) => matches!(response.status, 500 | 502 | 504),
            Self::UnknownHost { .. } | Self::Certificate { .. } | Self::Unreachable { .. } => false,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownHost { host, temporary: false } => write!(f, "the host {host} does not exist"),
            Self::UnknownHost { host, temporary: true } => {
                write!(f, "the address of {host} could not be resolved")
            }
            Self::Certificate { reason } => write!(f, "the TLS connection was refused: {reason}"),
            Self::Unreachable { reason, .. } => write!(f, "no connection: {reason}"),
            Self::Broken { reason } => write!(f, "the connection broke: {reason}"),
            Self::Slow { limit } => write!(f, "no complete response within {limit:?}"),
            Self::TooLong { limit } => write!(f, "the response is longer than {limit} bytes"),
            Self::Foreign { status, is_page } => {
                let what = if *is_page { "is an HTML page" } else { "is neither JSON nor XML" };
                write!(f, "the response of status {status} has no id of the service and {what}")
            }
            Self::Status(response) => {
                write!(f, "the service answered {}", response.status)?;
                // On a 409 the code names the operation to wait for; other statuses need no code.
                match Envelope::read(response).exact() {
                    Some(code) if response.status == 409 => write!(f, " {code}"),
                    _ => Ok(()),
                }
            }
        }
    }
}

/// The error that a host name has no address.
#[derive(Debug)]
pub(crate) struct UnknownHost {
    pub host: String,
    pub temporary: bool,
}

impl fmt::Display for UnknownHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no address for {}", self.host)
    }
}

impl Error for UnknownHost {}

/// Returns the first cause of type `T`. An I/O error hides the error that it wraps from `source`, so it is
/// unwrapped.
fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

/// Returns whether the machine reported that nothing listens at the port.
fn is_refused(error: &(dyn Error + 'static)) -> bool {
    let is_refusal = |error: &io::Error| error.kind() == io::ErrorKind::ConnectionRefused;
    causes(error).filter_map(|cause| cause.downcast_ref()).any(is_refusal)
}

/// Returns the message of the innermost cause; outer ones contain the whole URL.
fn reason(error: &(dyn Error + 'static)) -> String {
    causes(error).last().map_or_else(String::new, ToString::to_string)
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| {
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        wrapped.map(|inner| inner as &(dyn Error + 'static)).or_else(move || error.source())
    })
}
