//! Turns the last failure into the error that the user reads.

use std::fmt;
use std::time::SystemTime;

use arcbook_engine::step::{Audience, ErrorKind, Method, Permission, Safety, StepError};
use http::header::{DATE, HeaderMap};
use url::Url;

use super::advice::{self, Refused};
use super::envelope::Envelope;
use super::retry::asked;
use super::{Failure, HttpResponse, RequestRetries};
use crate::cloud::Service;
use crate::os::Os;

/// The text that replaces a service's message if that may repeat a secret.
const WITHHELD: &str = "the service's message is not shown, because the request contains a sensitive value";

/// The peer of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    /// The Arc agent on this machine.
    Agent,
    /// The metadata service of an Azure virtual machine.
    Vm,
    /// Microsoft Entra.
    Entra,
    /// A service of Azure.
    Azure(Service),
    /// A host that is not a service of this cloud.
    Other,
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Agent => "the Azure Arc agent",
            Self::Vm => "the metadata service",
            Self::Entra => "Microsoft Entra",
            Self::Azure(Service::Arm) => "Azure Resource Manager",
            Self::Azure(Service::KeyVault) => "Key Vault",
            Self::Azure(Service::Blob) => "Blob storage",
            Self::Azure(Service::Graph) => "Microsoft Graph",
            Self::Azure(Service::Postgres | Service::Own) | Self::Other => "the service",
        })
    }
}

/// The facts of a request that error messages need.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// The operating system of this machine, whose commands the remedies use.
    pub os: Os,
    pub peer: Peer,
    pub method: Method,
    /// The URL, with sensitive parts redacted.
    pub url: String,
    pub host: String,
    /// True if the request contains a sensitive value, which the service's message may repeat.
    pub holds_secret: bool,
    pub audience: Option<Audience>,
    pub needs: Vec<Permission>,
    pub safety: Safety,
    /// The proxy of the request, in a form that is safe to print.
    pub proxy: Option<String>,
}

impl Asked {
    /// Returns the facts of a request to a URL without sensitive parts.
    pub fn new(peer: Peer, method: Method, url: &Url) -> Self {
        let host = url.host_str().unwrap_or_default().to_owned();
        Self {
            os: Os::HERE,
            peer,
            method,
            url: url.to_string(),
            host,
            holds_secret: false,
            audience: None,
            needs: Vec::new(),
            safety: method.safety(),
            proxy: None,
        }
    }

    /// Returns the error for the request's last failure.
    pub fn error(&self, failure: &Failure, attempts: &RequestRetries) -> StepError {
        let error = match failure {
            Failure::Status(response) => self.refused(response, attempts),
            failure => self.unanswered(failure, attempts),
        };
        let error = error.request(format!("{} {}", self.method, self.url));
        if self.is_change() && attempts.leave_change_unknown() { error.uncertain() } else { error }
    }

    fn through(&self) -> Option<String> {
        self.proxy.as_ref().map(|proxy| format!("the request went through the proxy {proxy}"))
    }

    fn is_change(&self) -> bool {
        self.safety != Safety::Reads
    }

    fn refused(&self, response: &HttpResponse, attempts: &RequestRetries) -> StepError {
        let envelope = Envelope::read(response);
        let kind = if attempts.may_pass(response) { ErrorKind::Unavailable } else { ErrorKind::Refused };
        let code = envelope.exact().map(str::to_owned);
        let summary = match &code {
            Some(code) => format!("{} answered {} {code}", self.peer, response.status),
            None => format!("{} answered {}", self.peer, response.status),
        };
        let said = if self.holds_secret { Some(WITHHELD.to_owned()) } else { said(&envelope) };
        // A query may hold a secret.
        let leads = response.header("location").filter(|_| (300..400).contains(&response.status));
        let leads = leads.map(|to| {
            format!("it leads to {}", super::clean(to.split(['?', '#']).next().unwrap_or_default()))
        });
        let wait = asked(&response.headers, SystemTime::now());
        let unwaited = wait.and_then(|wait| attempts.unwaited(wait));
        // A response without an error code may come from the proxy.
        let through = self.through().filter(|_| code.is_none());
        let detail = sentences([said, leads, through, tried(attempts), unwaited]);
        let refused = Refused {
            status: response.status,
            codes: &envelope.codes,
            message: &envelope.own,
            targets: &envelope.targets,
            policies: &envelope.policies,
            is_page: envelope.is_page,
            clock: clock_skew(&response.headers, SystemTime::now()).unwrap_or_default(),
        };
        let error =
            StepError::new(kind, summary).answer(response.status, code.clone(), response.request_id());
        let error = match wait {
            Some(wait) => error.asks_to_wait(wait),
            None => error,
        };
        with(error, detail, advice::of_refusal(self, &refused))
    }

    fn unanswered(&self, failure: &Failure, attempts: &RequestRetries) -> StepError {
        let (kind, what) = match failure {
            Failure::Slow { .. } => (ErrorKind::Timeout, "took too long"),
            Failure::TooLong { .. } => (ErrorKind::Answer, "returned too much"),
            Failure::Foreign { .. } => {
                (ErrorKind::Answer, "did not answer: something on the way answered in its place")
            }
            Failure::Broken { .. } => (ErrorKind::Transport, "did not answer"),
            _ => (ErrorKind::Transport, "cannot be reached"),
        };
        let detail = sentences([Some(failure.to_string()), self.through(), tried(attempts)]);
        let error = StepError::new(kind, format!("{} at {} {what}", self.peer, self.host));
        with(error, detail, advice::of_failure(self, failure))
    }
}

fn with(mut error: StepError, detail: Option<String>, help: Vec<String>) -> StepError {
    if let Some(detail) = detail {
        error = error.detail(detail);
    }
    help.into_iter().fold(error, StepError::help)
}

/// Returns the most specific code and the message of an operation that failed.
pub(crate) fn failed_operation(answer: &HttpResponse) -> (Option<String>, Option<String>) {
    let envelope = Envelope::read(answer);
    (envelope.exact().map(str::to_owned), said(&envelope))
}

/// Returns the service's message, or a note that the response is an HTML page.
fn said(envelope: &Envelope) -> Option<String> {
    match &envelope.message {
        Some(title) if envelope.is_page => Some(format!("the response is an HTML page: {title}")),
        None if envelope.is_page => Some("the response is an HTML page".to_owned()),
        message => message.clone(),
    }
}

fn tried(attempts: &RequestRetries) -> Option<String> {
    (attempts.number() > 1).then(|| format!("the request was tried {} times", attempts.number()))
}

/// Turns fragments into sentences.
fn sentences<const N: usize>(fragments: [Option<String>; N]) -> Option<String> {
    let sentence = |fragment: String| {
        let mut characters = fragment.chars();
        let first = characters.next()?;
        let rest = characters.as_str().trim_end_matches('.');
        Some(format!("{}{rest}.", first.to_uppercase()))
    };
    let all: Vec<String> = fragments.into_iter().flatten().filter_map(sentence).collect();
    (!all.is_empty()).then(|| all.join(" "))
}

/// Returns the seconds by which this machine's clock, at `now`, is ahead of the one that wrote these headers; none if they
/// have no date.
pub(crate) fn clock_skew(headers: &HeaderMap, now: SystemTime) -> Option<i64> {
    let date = headers.get(DATE)?.to_str().ok()?;
    let theirs = httpdate::parse_http_date(date).ok()?;
    let seconds = |time: std::time::Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    Some(match now.duration_since(theirs) {
        Ok(ahead) => seconds(ahead),
        Err(behind) => -seconds(behind.duration()),
    })
}
