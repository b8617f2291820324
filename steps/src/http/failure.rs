//! Why one attempt failed.

use std::error::Error;
use std::fmt;
use std::io;
use std::time::Duration;

use super::HttpResponse;
use super::connect::TimedOut;
use super::envelope::Envelope;

/// Why one attempt to get an answer of success failed.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// The host's name has no address. `temporary` when the name service could not say.
    UnknownHost { host: String, temporary: bool },
    /// The other side's certificate is not good.
    Certificate { reason: String },
    /// No connection came about; nothing was sent. `refused` when nothing listens at the port.
    Unreachable { reason: String, refused: bool },
    /// The connection broke after the request went out, or the answer was cut short.
    Broken { reason: String },
    /// No whole answer within this time.
    Slow { limit: Duration },
    /// The answer's body holds more bytes than this.
    TooLong { limit: usize },
    /// The service answered, and not with success.
    Status(HttpResponse),
}

impl Failure {
    /// What a failed exchange was; `connecting` when no connection came about.
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

    /// Whether a change may have been made although no answer says so.
    pub fn leaves_change_unknown(&self) -> bool {
        match self {
            Self::Broken { .. } | Self::Slow { .. } | Self::TooLong { .. } => true,
            Self::Status(answer) => matches!(answer.status, 500 | 502 | 504),
            Self::UnknownHost { .. } | Self::Certificate { .. } | Self::Unreachable { .. } => false,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownHost { host, temporary: false } => write!(f, "there is no host {host}"),
            Self::UnknownHost { host, temporary: true } => {
                write!(f, "the address of {host} could not be found out")
            }
            Self::Certificate { reason } => write!(f, "the TLS connection was refused: {reason}"),
            Self::Unreachable { reason, .. } => write!(f, "no connection: {reason}"),
            Self::Broken { reason } => write!(f, "the connection broke: {reason}"),
            Self::Slow { limit } => write!(f, "no whole answer within {limit:?}"),
            Self::TooLong { limit } => write!(f, "the answer is longer than {limit} bytes"),
            Self::Status(answer) => {
                write!(f, "the service answered {}", answer.status)?;
                // Of a refusal that passes, the code says what is waited for; a busy service has nothing to add.
                match Envelope::read(answer).exact() {
                    Some(code) if answer.status == 409 => write!(f, " {code}"),
                    _ => Ok(()),
                }
            }
        }
    }
}

/// A name that the resolver found no address for.
#[derive(Debug)]
pub(super) struct UnknownHost {
    pub host: String,
    pub temporary: bool,
}

impl fmt::Display for UnknownHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no address for {}", self.host)
    }
}

impl Error for UnknownHost {}

/// The first cause of type `T`. An I/O error hides what it wraps from its `source`, so it is opened.
fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

/// Whether the machine answered that nothing listens at the port.
fn is_refused(error: &(dyn Error + 'static)) -> bool {
    let is_refusal = |error: &io::Error| error.kind() == io::ErrorKind::ConnectionRefused;
    causes(error).filter_map(|cause| cause.downcast_ref()).any(is_refusal)
}

/// The innermost cause in its own words; the outer ones name the whole URL.
fn reason(error: &(dyn Error + 'static)) -> String {
    causes(error).last().map_or_else(String::new, ToString::to_string)
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| {
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        wrapped.map(|inner| inner as &(dyn Error + 'static)).or_else(move || error.source())
    })
}
