//! The result of a check.

use arcbook_engine::step::StepError;
use serde::Serialize;

/// The result of a check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The id of the check, such as `agent.port`.
    pub id: &'static str,
    /// The object of a check that has several: a host, an audience, a provider, a scope, a directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The verdict.
    pub status: Status,
    /// The finding in one line, as a clause.
    pub summary: String,
    /// Further sentences.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The remedies, the best one first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remedies: Vec<String>,
    /// The id of the check whose failure is the reason why this one was skipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<&'static str>,
}

/// The verdict of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Everything is as a run needs it.
    Ok,
    /// The check does not apply here, or an earlier failure prevents it.
    Skipped,
    /// A run may fail.
    Warning,
    /// A run fails.
    Error,
}

impl Status {
    /// Returns the word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Skipped => "skipped",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl Finding {
    fn new(id: &'static str, status: Status, summary: impl Into<String>) -> Self {
        let summary = summary.into();
        Self { id, subject: None, status, summary, detail: None, remedies: Vec::new(), because: None }
    }

    pub(super) fn ok(id: &'static str, summary: impl Into<String>) -> Self {
        Self::new(id, Status::Ok, summary)
    }

    pub(super) fn skipped(id: &'static str, reason: impl Into<String>) -> Self {
        Self::new(id, Status::Skipped, reason)
    }

    pub(super) fn warning(id: &'static str, summary: impl Into<String>) -> Self {
        Self::new(id, Status::Warning, summary)
    }

    pub(super) fn error(id: &'static str, summary: impl Into<String>) -> Self {
        Self::new(id, Status::Error, summary)
    }

    /// Returns the finding that a request or a file operation failed.
    pub(super) fn failed(id: &'static str, error: &StepError) -> Self {
        let finding = Self::error(id, error.summary());
        let finding = error.why().into_iter().fold(finding, Self::detail);
        error.remedies().iter().cloned().fold(finding, Self::remedy)
    }

    /// Returns the finding that a check was skipped because of another.
    pub(super) fn prevented(id: &'static str, because: &'static str) -> Self {
        Self { because: Some(because), ..Self::skipped(id, format!("not checked, because {because} failed")) }
    }

    pub(super) fn about(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    pub(super) fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    pub(super) fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedies.push(remedy.into());
        self
    }

    /// Turns an error into a check that does not apply until `step` has run.
    pub(super) fn expect_before(&mut self, step: &str) {
        if self.status == Status::Error {
            self.status = Status::Skipped;
            self.summary = format!("not yet, {step} connects this machine: {}", self.summary);
            self.remedies.clear();
        }
    }

    /// Returns true if checks that depend on this one cannot be made.
    pub(super) fn prevents(&self) -> bool {
        self.status == Status::Error || self.because.is_some()
    }
}
