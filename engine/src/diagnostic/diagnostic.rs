//! One message to the user.

use crate::source::Span;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Nothing is run.
    Error,
    /// Suspicious or deprecated; the run goes on.
    Warning,
}

/// A place in a file with a few words on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What to say there; may be empty.
    pub text: String,
}

/// What part of an expression evaluated to, for a message about a failing evaluation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The expression as written, such as `var.region`.
    pub expression: String,
    /// Its value as a phrase, such as `is "west"` or `is a sensitive value`; never the content of a sensitive one.
    pub phrase: String,
}

/// A message to the user: what is wrong, where, with which values, and what to do.
///
/// Summaries and details are whole phrases without a final full stop for the summary and with one for the detail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// A stable kebab-case name for tools, such as `unknown-step-type`.
    pub code: &'static str,
    /// What is wrong, in one line.
    pub summary: String,
    /// The reason, when the summary does not say it all.
    pub detail: Option<String>,
    /// The place it is about; the label sits on the smallest span that explains it.
    pub primary: Option<Label>,
    /// Other places that matter, such as the first of two equal names.
    pub secondary: Vec<Label>,
    /// The values involved.
    pub values: Vec<Shown>,
    /// What to do about it, one remedy each.
    pub help: Vec<String>,
    /// The step or other object it is about, as an address.
    pub address: Option<String>,
}

impl Diagnostic {
    fn new(severity: Severity, code: &'static str, summary: impl Into<String>) -> Self {
        Self {
            severity,
            code,
            summary: summary.into(),
            detail: None,
            primary: None,
            secondary: Vec::new(),
            values: Vec::new(),
            help: Vec::new(),
            address: None,
        }
    }

    /// An error.
    pub fn error(code: &'static str, summary: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, summary)
    }

    /// A warning.
    pub fn warning(code: &'static str, summary: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, summary)
    }

    /// The same as a warning.
    #[must_use]
    pub fn into_warning(self) -> Self {
        Self { severity: Severity::Warning, ..self }
    }

    /// Says where, with a label that may be empty.
    #[must_use]
    pub fn at(mut self, span: Span, label: impl Into<String>) -> Self {
        self.primary = Some(Label { span, text: label.into() });
        self
    }

    /// Adds another place.
    #[must_use]
    pub fn also(mut self, span: Span, label: impl Into<String>) -> Self {
        self.secondary.push(Label { span, text: label.into() });
        self
    }

    /// Says why.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Adds a remedy.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// Adds a remedy when there is one.
    #[must_use]
    pub fn maybe_help(mut self, help: Option<impl Into<String>>) -> Self {
        self.help.extend(help.map(Into::into));
        self
    }

    /// Says what it is about.
    #[must_use]
    pub fn about(mut self, address: impl Into<String>) -> Self {
        self.address = Some(address.into());
        self
    }
}
