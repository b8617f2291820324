//! Why a step failed.

use std::fmt;
use std::time::Duration;

/// What kind of failure it is, which decides what can be done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The service answered no. Change the request, the rights or the service.
    Refused,
    /// The service was busy or broken until the attempts ran out. Try again later.
    Unavailable,
    /// The service could not be reached, or the connection broke. Check the network.
    Transport,
    /// It took longer than it may. Raise the limit or look at the service.
    Timeout,
    /// This machine does not allow it, such as a key file that may not be read. Change the rights here.
    Local,
    /// The answer makes no sense. Report it.
    Answer,
    /// The engine refused to send it, such as a token to a foreign host. Mend the runbook.
    Forbidden,
    /// The plan that was reviewed lists another change. Look at a new plan.
    Unplanned,
    /// The user stopped it. Run again.
    Stopped,
    /// A mistake of arcbook itself. Report it.
    Internal,
}

/// Why a step failed; the engine adds the step's address and place and makes a diagnostic of it.
///
/// No field may hold a secret. It is boxed inside, so that results stay small.
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
    /// A failure; `summary` is one line without a full stop.
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

    /// A mistake of arcbook itself.
    pub fn internal(summary: impl Into<String>) -> Self {
        Self::new(ErrorKind::Internal, summary)
    }

    /// Says why.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// Says more of why.
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

    /// Says which argument it is about.
    #[must_use]
    pub fn argument(mut self, name: &'static str) -> Self {
        self.0.argument = Some(name);
        self
    }

    /// Says which request failed, as `GET https://…`.
    #[must_use]
    pub fn request(mut self, request: impl Into<String>) -> Self {
        self.0.request = Some(request.into());
        self
    }

    /// Says what the service answered: the status, its code and its request id.
    #[must_use]
    pub fn answer(mut self, status: u16, code: Option<String>, request_id: Option<String>) -> Self {
        self.0.status = Some(status);
        self.0.code = code;
        self.0.request_id = request_id;
        self
    }

    /// Says that a change was sent and nobody knows whether it was made.
    #[must_use]
    pub fn uncertain(mut self) -> Self {
        self.0.uncertain = true;
        self
    }

    /// Says how long the service asked to wait before another attempt.
    #[must_use]
    pub fn asks_to_wait(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    /// The kind.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What failed, in one line.
    #[must_use]
    pub fn summary(&self) -> &str {
        &self.0.summary
    }

    /// Why.
    #[must_use]
    pub fn why(&self) -> Option<&str> {
        self.0.detail.as_deref()
    }

    /// What to do about it.
    #[must_use]
    pub fn remedies(&self) -> &[String] {
        &self.0.help
    }

    /// The argument it is about.
    #[must_use]
    pub fn about(&self) -> Option<&'static str> {
        self.0.argument
    }

    /// The request that failed.
    #[must_use]
    pub fn failed_request(&self) -> Option<&str> {
        self.0.request.as_deref()
    }

    /// The status that the service answered.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The service's own error code.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// The service's name for the request, which its support asks for.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// How long the service asked to wait before another attempt.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Whether a change was sent and nobody knows whether it was made.
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
