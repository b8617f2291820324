//! Defines diagnostics.

use crate::source::Span;

/// The severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// An error; nothing runs.
    Error,
    /// A warning about something suspicious or deprecated; the run continues.
    Warning,
}

/// A position in a file with a short text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The position.
    pub span: Span,
    /// The text; may be empty.
    pub text: String,
}

/// The value of a part of an expression, for a message about a failed evaluation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The expression as written, such as `var.region`.
    pub expression: String,
    /// The value as a phrase, such as `is "west"` or `is a sensitive value`; never the content of a sensitive
    /// one.
    pub phrase: String,
}

/// A message to the user with the problem, its position, the values involved, and remedies.
///
/// A summary is a phrase without a final full stop; a detail is a sentence with one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The severity.
    pub severity: Severity,
    /// The stable kebab-case identifier for tools, such as `unknown-step-type`.
    pub code: &'static str,
    /// The problem, in one line.
    pub summary: String,
    /// The reason, if the summary does not contain it.
    pub detail: Option<String>,
    /// The position of the problem; the label is on the smallest span that explains it.
    pub primary: Option<Label>,
    /// Other relevant positions, such as the first of two equal names.
    pub secondary: Vec<Label>,
    /// The values involved.
    pub values: Vec<Shown>,
    /// The remedies.
    pub help: Vec<String>,
    /// The address of the step or other object at fault.
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

    /// Returns an error.
    pub fn error(code: &'static str, summary: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, summary)
    }

    /// Returns a warning.
    pub fn warning(code: &'static str, summary: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, summary)
    }

    /// Converts the diagnostic to a warning.
    #[must_use]
    pub fn into_warning(self) -> Self {
        Self { severity: Severity::Warning, ..self }
    }

    /// Sets the position, with a label that may be empty.
    #[must_use]
    pub fn at(mut self, span: Span, label: impl Into<String>) -> Self {
        self.primary = Some(Label { span, text: label.into() });
        self
    }

    /// Adds another position.
    #[must_use]
    pub fn also(mut self, span: Span, label: impl Into<String>) -> Self {
        self.secondary.push(Label { span, text: label.into() });
        self
    }

    /// Sets the detail.
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

    /// Adds a remedy, if there is one.
    #[must_use]
    pub fn maybe_help(mut self, help: Option<impl Into<String>>) -> Self {
        self.help.extend(help.map(Into::into));
        self
    }

    /// Sets the address of the object at fault.
    #[must_use]
    pub fn about(mut self, address: impl Into<String>) -> Self {
        self.address = Some(address.into());
        self
    }
}
