//! Defines the error of a failed step.

use std::fmt;
use std::time::Duration;

/// The kind of a failure, which decides on the remedy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The service refused the request. Change the request, the permissions or the service.
    Refused,
    /// A program ended without success. Look at its messages.
    Program,
    /// The service was busy or failing until the attempts ran out. Try again later.
    Unavailable,
    /// The service could not be reached, or the connection broke. Check the network.
    Transport,
    /// A time limit passed. Raise the limit or find out what takes so long.
    Timeout,
    /// This machine forbids it, such as by an unreadable key file. Change the permissions here.
    Local,
    /// The response was unexpected. Report it.
    Answer,
    /// The engine refused to send the request, such as a token to a foreign host. Correct the runbook.
    Forbidden,
    /// The reviewed plan lists another change. Review a new plan.
    Unplanned,
    /// The user stopped the run. Run it again.
    Stopped,
    /// A fault in arcbook itself. Report it.
    Internal,
}

/// The error of a failed step; the engine adds the address and the place and converts it to a diagnostic.
///
/// No field may contain a secret. The content is boxed, which keeps results small.
#[derive(Clone, PartialEq, Eq)]
pub struct StepError(Box<Inner>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Inner {
    kind: ErrorKind,
    summary: String,
    detail: Option<String>,
    help: Vec<String>,
    argument: Option<&'static str>,
    request: Option<String>,
    status: Option<u16>,
    code: Option<String>,
    request_id: Option<String>,
    uncertain: bool,
    retry_after: Option<Duration>,
}

impl StepError {
    /// Returns an error; `summary` is one line without a full stop.
    pub fn new(kind: ErrorKind, summary: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            summary: summary.into(),
            detail: None,
            help: Vec::new(),
            argument: None,
            request: None,
            status: None,
            code: None,
            request_id: None,
            uncertain: false,
            retry_after: None,
        }))
    }

    /// Returns an error for a fault in arcbook itself.
    pub fn internal(summary: impl Into<String>) -> Self {
        Self::new(ErrorKind::Internal, summary)
    }

    /// Sets the detail.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// Appends to the detail.
    #[must_use]
    pub fn more_detail(self, more: &str) -> Self {
        let detail = self.why().map_or_else(|| more.to_owned(), |why| format!("{why} {more}"));
        self.detail(detail)
    }

    /// Adds a remedy.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.0.help.push(help.into());
        self
    }

    /// Replaces the remedies.
    #[must_use]
    pub fn only_help(mut self, help: impl Into<String>) -> Self {
        self.0.help = vec![help.into()];
        self
    }

    /// Sets the argument at fault.
    #[must_use]
    pub fn argument(mut self, name: &'static str) -> Self {
        self.0.argument = Some(name);
        self
    }

    /// Sets the failed request, as `GET https://…`.
    #[must_use]
    pub fn request(mut self, request: impl Into<String>) -> Self {
        self.0.request = Some(request.into());
        self
    }

    /// Sets the response of the service: the status, the error code and the request ID.
    #[must_use]
    pub fn answer(mut self, status: u16, code: Option<String>, request_id: Option<String>) -> Self {
        self.0.status = Some(status);
        self.0.code = code;
        self.0.request_id = request_id;
        self
    }

    /// Sets the error code of the service, if its response has no status.
    #[must_use]
    pub fn coded(mut self, code: impl Into<String>) -> Self {
        self.0.code = Some(code.into());
        self
    }

    /// Marks the outcome of a sent change as unknown.
    #[must_use]
    pub fn uncertain(mut self) -> Self {
        self.0.uncertain = true;
        self
    }

    /// Marks that the step has changed nothing yet.
    #[must_use]
    pub fn certain(mut self) -> Self {
        self.0.uncertain = false;
        self
    }

    /// Sets the delay that the service asked for before another attempt.
    #[must_use]
    pub fn asks_to_wait(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    /// Returns the kind.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns the one-line summary.
    #[must_use]
    pub fn summary(&self) -> &str {
        &self.0.summary
    }

    /// Returns the detail.
    #[must_use]
    pub fn why(&self) -> Option<&str> {
        self.0.detail.as_deref()
    }

    /// Returns the remedies.
    #[must_use]
    pub fn remedies(&self) -> &[String] {
        &self.0.help
    }

    /// Returns the argument at fault.
    #[must_use]
    pub fn about(&self) -> Option<&'static str> {
        self.0.argument
    }

    /// Returns the failed request.
    #[must_use]
    pub fn failed_request(&self) -> Option<&str> {
        self.0.request.as_deref()
    }

    /// Returns the HTTP status.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// Returns the answer of the service as a clause, if there is one.
    #[must_use]
    pub fn answered(&self) -> Option<String> {
        let status = self.0.status?;
        Some(match self.code() {
            Some(code) => format!("the service answered {status} {code}"),
            None => format!("the service answered {status}"),
        })
    }

    /// Returns the service's error code.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// Returns the service's request ID, which its support asks for.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// Returns the delay that the service asked for before another attempt.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Returns true if a change was sent and its outcome is unknown.
    #[must_use]
    pub fn is_uncertain(&self) -> bool {
        self.0.uncertain
    }
}

impl fmt::Debug for StepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for StepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.summary)
    }
}

impl std::error::Error for StepError {}
