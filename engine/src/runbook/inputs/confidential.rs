//! Replaces messages about values from outside the runbook by ones that quote nothing.
//!
//! Such a value may be a secret even if the runbook does not declare it so, and a message about it may appear
//! where a secret must not, such as the log of a pipeline. The message therefore contains the name, the
//! position and a fixed reason; the text of the parser or the evaluator, which may quote the value, is
//! dropped.

use crate::diagnostic::{Diagnostic, Diagnostics, Label, Lookalike, Severity};
use crate::source::Sources;

/// The reason for each message of the parser, by its code.
const REASONS: [(&str, &str); 31] = [
    ("ambiguous-key", "a key that is an expression is not in parentheses"),
    ("duplicate-argument", "the name is set twice"),
    ("expression-too-large", "the expression is larger than 1 MiB"),
    ("failed-call", "a function call failed"),
    ("incomplete-conditional", "`? :` lacks its second value"),
    ("invalid-block", "a block cannot be read"),
    ("invalid-character", "unexpected character"),
    ("invalid-escape", "a string has an unknown escape"),
    ("invalid-expression", "the expression cannot be read"),
    ("invalid-for", "a `for` cannot be read"),
    ("invalid-heredoc", "`<<` does not begin a text"),
    ("invalid-label", "a label of a block is not plain text"),
    ("invalid-name", "a name is not one"),
    ("invalid-number", "a number is not one"),
    ("misplaced-comma", "unexpected comma"),
    ("misplaced-operator", "unexpected operator"),
    ("missing-attribute", "no name follows a dot"),
    ("missing-expression", "an expression is missing"),
    ("missing-newline", "two items on one line"),
    ("missing-operator", "an operator is missing between two expressions"),
    ("missing-value", "a key has no value"),
    ("nesting-too-deep", "it is nested more than 128 levels deep"),
    ("no-methods", "a value is called like an object with methods"),
    ("not-constant", "it has a reference, and only constants are allowed here"),
    ("unbalanced-directive", "an `if` or `for` of a template lacks its end, or an end its start"),
    ("unclosed-bracket", "a bracket is never closed"),
    ("unclosed-comment", "a comment is never closed"),
    ("unclosed-heredoc", "a heredoc is never closed"),
    ("unclosed-string", "a quoted text is never closed"),
    ("unknown-directive", "a template has an unknown directive"),
    ("unmatched-bracket", "a closing bracket belongs to no opening one"),
];

/// Replaces the texts of `found` by ones that quote nothing; `subject` names the unreadable input.
#[must_use]
pub fn quote_nothing(found: &Diagnostics, subject: &str, sources: &Sources) -> Diagnostics {
    found.iter().map(|diagnostic| discreet(diagnostic, subject, sources)).collect()
}

fn discreet(found: &Diagnostic, subject: &str, sources: &Sources) -> Diagnostic {
    let reason = REASONS.iter().find(|(code, _)| *code == found.code);
    let reason = reason.map_or("it is not a value", |(_, reason)| reason);
    let summary = format!("{subject} cannot be read: {reason}");
    let mut diagnostic = match found.severity {
        Severity::Error => Diagnostic::error(found.code, summary),
        Severity::Warning => Diagnostic::warning(found.code, summary),
    };
    diagnostic.primary = found.primary.as_ref().map(without_text);
    diagnostic.secondary = found.secondary.iter().map(without_text).collect();
    let odd = found.primary.as_ref().filter(|_| found.code == "invalid-character");
    let odd = odd.and_then(|label| Lookalike::of(sources.text(label.span).chars().next()?));
    diagnostic
        .maybe_help(odd.map(|lookalike| format!("{lookalike} stands there: {}", lookalike.remedy('"'))))
        .detail("It may be a secret, so arcbook does not show it.")
        .help("write text in double quotes, with `\\\"` for a quote and `\\\\` for a backslash in it")
}

fn without_text(label: &Label) -> Label {
    Label { span: label.span, text: String::new(), is_reason: false }
}
