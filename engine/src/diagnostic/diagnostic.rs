//! Defines diagnostics.

use serde::{Deserialize, Serialize};

use crate::source::Span;

/// The severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
    /// True if the text gives a reason; false if it only names the position, such as `given here`.
    pub is_reason: bool,
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
/// A summary is a phrase without a final full stop; a detail is a sentence with one. A reader that does not show
/// the excerpt shows the [`reason`](Self::reason), which includes every label that gives one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The severity.
    pub severity: Severity,
    /// The stable kebab-case identifier for tools, such as `unknown-step-type`.
    pub code: &'static str,
    /// The problem, in one line.
    pub summary: String,
    /// The part of the reason that is not in a label.
    pub(super) detail: Option<String>,
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
    /// The addresses of other objects with the same problem, such as instances of the same step.
    pub others: Vec<String>,
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
            others: Vec::new(),
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

    /// Sets the position, with a label that gives the reason or is empty.
    #[must_use]
    pub fn at(mut self, span: Span, label: impl Into<String>) -> Self {
        self.primary = Some(Label { span, text: label.into(), is_reason: true });
        self
    }

    /// Sets the position, with a label that only names it, such as `given here`.
    #[must_use]
    pub fn marked(mut self, span: Span, caption: impl Into<String>) -> Self {
        self.primary = Some(Label { span, text: caption.into(), is_reason: false });
        self
    }

    /// Adds another position, with a label that only names it.
    #[must_use]
    pub fn also(mut self, span: Span, label: impl Into<String>) -> Self {
        self.secondary.push(Label { span, text: label.into(), is_reason: false });
        self
    }

    /// Adds another position, with a label that gives a reason.
    #[must_use]
    pub fn because(mut self, span: Span, reason: impl Into<String>) -> Self {
        self.secondary.push(Label { span, text: reason.into(), is_reason: true });
        self
    }

    /// Sets the detail.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Sets the detail, if there is one.
    #[must_use]
    pub fn maybe_detail(mut self, detail: Option<String>) -> Self {
        self.detail = detail;
        self
    }

    /// Appends sentences to the detail; returns false if it has them already.
    pub fn append_detail(&mut self, sentences: &str) -> bool {
        let detail = self.detail.get_or_insert_default();
        if detail.contains(sentences) {
            return false;
        }
        if !detail.is_empty() {
            detail.push(' ');
        }
        detail.push_str(sentences);
        true
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

    /// Returns true if `other`, at the same position, is the same problem, in this or in another instance.
    pub(super) fn covers(&self, other: &Self) -> bool {
        let are_instances =
            self.address.is_some() && other.address.is_some() && self.address != other.address;
        self.severity == other.severity && (self.summary == other.summary || are_instances)
    }

    /// Adds the addresses of `other` to those with this problem.
    pub(super) fn cover(&mut self, other: Self) {
        let new = other.address.into_iter().chain(other.others);
        for address in new {
            if self.address.as_ref() != Some(&address) && self.others.last() != Some(&address) {
                self.others.push(address);
            }
        }
    }

    /// Returns the whole reason, one line each: the labels that give one, then the detail.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        let labels = self.primary.iter().chain(&self.secondary).filter(|label| label.is_reason);
        let labels = labels.map(|label| label.text.as_str()).filter(|text| !text.is_empty());
        let parts: Vec<&str> = labels.chain(self.detail.as_deref()).collect();
        (!parts.is_empty()).then(|| parts.join("\n"))
    }

    /// Returns the summary and the first line of the reason on one line.
    #[must_use]
    pub fn in_one_line(&self) -> String {
        one_line(&self.summary, self.reason().as_deref())
    }
}

/// Joins a summary and the first line of its reason on one line; of messages that the first line announces, the last
/// one says the most.
#[must_use]
pub fn one_line(summary: &str, reason: Option<&str>) -> String {
    let line = |reason| match announced(reason).last() {
        Some(last) => Some(*last),
        None => reason.lines().next(),
    };
    match reason.and_then(line).filter(|line| !line.is_empty()) {
        Some(line) => format!("{summary}: {}", line.strip_suffix('.').unwrap_or(line)),
        None => summary.to_owned(),
    }
}

/// The mark before each line of the messages of a program.
pub const MESSAGE: &str = "  ";

/// Returns the messages that the first line of a reason announces: the lines with the mark.
#[must_use]
pub fn announced(reason: &str) -> Vec<&str> {
    let mut lines = reason.lines();
    if !lines.next().is_some_and(|first| first.ends_with(':')) {
        return Vec::new();
    }
    lines.map_while(|line| line.strip_prefix(MESSAGE)).collect()
}
