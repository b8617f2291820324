//! Writes diagnostics for tools.
//!
//! The format is that of Terraform's `-json` diagnostics, so that tools for those can read these; `code`,
//! `related` and `help` are additions.
//!
//! ```json
//! {
//!   "severity": "error",
//!   "code": "unknown-step-type",
//!   "summary": "no step type `blob_uplod`",
//!   "detail": "unknown step type",
//!   "address": "step.blob_uplod.report",
//!   "range": {
//!     "filename": "main.runbook.hcl",
//!     "start": { "line": 3, "column": 6, "byte": 40 },
//!     "end": { "line": 3, "column": 18, "byte": 52 }
//!   },
//!   "snippet": {
//!     "context": "step \"blob_uplod\" \"report\"",
//!     "code": "step \"blob_uplod\" \"report\" {",
//!     "start_line": 3,
//!     "highlight_start_offset": 5,
//!     "highlight_end_offset": 17,
//!     "values": []
//!   },
//!   "related": [],
//!   "help": ["did you mean `blob_upload`?"]
//! }
//! ```

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::excerpt::Excerpt;
use super::visible::visible_line;
use super::{Diagnostic, Label, Severity, Shown, announced, one_line};
use crate::source::{Position, SourceFile, Sources, Span};

/// A [`Diagnostic`] for tools.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JsonDiagnostic {
    /// The severity: `error` or `warning`.
    pub severity: Severity,
    /// The stable identifier.
    pub code: Cow<'static, str>,
    /// The problem, in one line.
    pub summary: String,
    /// The reason, in full, or null where the summary says it all.
    pub detail: Option<String>,
    /// The address of the step or other object at fault, or null.
    pub address: Option<String>,
    /// The addresses of other objects with the same problem; omitted if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<String>,
    /// The position, or null.
    pub range: Option<JsonRange>,
    /// The text at that position, or null; variable files are never quoted.
    pub snippet: Option<JsonSnippet>,
    /// The values involved, if there is no snippet that contains them; otherwise left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<JsonValue>,
    /// Other relevant positions.
    pub related: Vec<JsonRelated>,
    /// The remedies.
    pub help: Vec<String>,
}

/// A range in a file; the end is exclusive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JsonRange {
    /// The path as the user would write it.
    pub filename: String,
    /// The position of the first character.
    pub start: JsonPosition,
    /// The position after the last character.
    pub end: JsonPosition,
}

/// A position in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JsonPosition {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The offset in bytes, from 0.
    pub byte: usize,
}

/// The source text at a position.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JsonSnippet {
    /// The header of the enclosing block, or null.
    pub context: Option<String>,
    /// The lines as shown to people, with control characters escaped and distant parts of long lines left
    /// out.
    pub code: String,
    /// The number of the first line of `code`.
    pub start_line: usize,
    /// The start of the range, in bytes of `code`.
    pub highlight_start_offset: usize,
    /// The end of the range, in bytes of `code`.
    pub highlight_end_offset: usize,
    /// The values involved.
    pub values: Vec<JsonValue>,
}

/// The value of a part of an expression.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JsonValue {
    /// The expression, such as `var.region`.
    pub traversal: String,
    /// The value as a phrase, such as `is "west"`.
    pub statement: String,
}

/// Another relevant position.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JsonRelated {
    /// The text of the label; may be empty.
    pub message: String,
    /// The position.
    pub range: JsonRange,
}

impl JsonDiagnostic {
    /// Converts a diagnostic for tools.
    #[must_use]
    pub fn new(diagnostic: &Diagnostic, sources: &Sources) -> Self {
        let mut values: Vec<_> = diagnostic.values.iter().map(JsonValue::from).collect();
        let is_quoted = |label: &&Label| !sources.file(label.span.file).is_confidential();
        let snippet = diagnostic
            .primary
            .as_ref()
            .filter(is_quoted)
            .map(|label| JsonSnippet::new(label.span, sources, std::mem::take(&mut values)));
        Self {
            severity: diagnostic.severity,
            code: diagnostic.code.into(),
            summary: diagnostic.summary.clone(),
            detail: diagnostic.reason(),
            address: diagnostic.address.clone(),
            others: diagnostic.others.clone(),
            range: diagnostic.primary.as_ref().map(|label| JsonRange::new(label.span, sources)),
            snippet,
            values,
            related: diagnostic.secondary.iter().map(|label| JsonRelated::new(label, sources)).collect(),
            help: diagnostic.help.clone(),
        }
    }

    /// Returns the summary and the first line of the reason on one line.
    #[must_use]
    pub fn in_one_line(&self) -> String {
        one_line(&self.summary, self.detail.as_deref())
    }

    /// Returns the messages that the reason announces.
    #[must_use]
    pub fn announced(&self) -> Vec<&str> {
        self.detail.as_deref().map(announced).unwrap_or_default()
    }
}

impl JsonRange {
    /// Converts a span for tools.
    #[must_use]
    pub fn new(span: Span, sources: &Sources) -> Self {
        let file = sources.file(span.file);
        let position = |byte: usize| {
            let byte = byte.min(file.text().len());
            let Position { line, column } = file.position(byte);
            JsonPosition { line, column, byte }
        };
        Self {
            filename: file.path().display().to_string(),
            start: position(span.range().start),
            end: position(span.range().end),
        }
    }
}

impl JsonSnippet {
    fn new(span: Span, sources: &Sources, values: Vec<JsonValue>) -> Self {
        let file = sources.file(span.file);
        let excerpt = Excerpt::new(file, &[span.range()]);
        Self {
            context: block_around(file, span),
            highlight_start_offset: excerpt.ranges[0].start,
            highlight_end_offset: excerpt.ranges[0].end,
            code: excerpt.text,
            start_line: excerpt.first_line,
            values,
        }
    }
}

/// The maximum distance to the header of a block, in lines, since there may be many messages.
const LONGEST_BLOCK: usize = 500;

/// Returns the header of the top-level block that contains the start of `span`, found by layout: an
/// unindented line that opens a brace, with no other unindented line in between. A file without such
/// formatting has no context.
fn block_around(file: &SourceFile, span: Span) -> Option<String> {
    let at = *file.lines_of(&span.range()).start();
    let is_indented = |line: &str| line.is_empty() || line.starts_with([' ', '\t', '\r', '#']);
    let above = (0..=at).rev().take(LONGEST_BLOCK).map(|number| file.line(number).1);
    let header = above.into_iter().find(|line| !is_indented(line)).filter(|line| line.len() <= 1_000)?;
    let header = header.trim_end().strip_suffix('{')?.trim_end();
    Some(visible_line(header)).filter(|header| !header.is_empty() && header.len() <= 200)
}

impl JsonRelated {
    fn new(label: &Label, sources: &Sources) -> Self {
        Self { message: label.text.clone(), range: JsonRange::new(label.span, sources) }
    }
}

impl From<&Shown> for JsonValue {
    fn from(shown: &Shown) -> Self {
        Self { traversal: shown.expression.clone(), statement: shown.phrase.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "variable \"x\" {}\n\nstep \"blob_uplod\" \"report\" {\n  name = var.y\n}\n";

    fn sources() -> (Sources, crate::source::FileId) {
        let mut sources = Sources::new();
        let file = sources.add(SourceFile::new("main.runbook.hcl", TEXT.to_owned()));
        (sources, file)
    }

    #[test]
    fn the_form_is_terraforms_with_code_related_and_help() {
        let (sources, file) = sources();
        let at = TEXT.find("var.y").expect("in the text");
        let mut diagnostic = Diagnostic::error("unknown-variable", "no variable `y`")
            .at(Span::new(file, at..at + 5), "here")
            .also(Span::new(file, 10..11), "the only one")
            .about("step.blob_uplod.report")
            .help("did you mean `x`?");
        diagnostic.values.push(Shown { expression: "var.x".into(), phrase: "is 1".into() });
        let json = serde_json::to_value(JsonDiagnostic::new(&diagnostic, &sources)).expect("plain data");
        assert_eq!(
            json,
            serde_json::json!({
                "severity": "error", "code": "unknown-variable", "summary": "no variable `y`", "detail": "here",
                "address": "step.blob_uplod.report",
                "range": {
                    "filename": "main.runbook.hcl",
                    "start": { "line": 4, "column": 10, "byte": at },
                    "end": { "line": 4, "column": 15, "byte": at + 5 },
                },
                "snippet": {
                    "context": "step \"blob_uplod\" \"report\"", "code": "  name = var.y", "start_line": 4,
                    "highlight_start_offset": 9, "highlight_end_offset": 14,
                    "values": [{ "traversal": "var.x", "statement": "is 1" }],
                },
                "related": [{
                    "message": "the only one",
                    "range": {
                        "filename": "main.runbook.hcl",
                        "start": { "line": 1, "column": 11, "byte": 10 },
                        "end": { "line": 1, "column": 12, "byte": 11 },
                    },
                }],
                "help": ["did you mean `x`?"],
            })
        );
    }

    #[test]
    fn without_a_place_the_values_stand_alone() {
        let mut diagnostic = Diagnostic::warning("slow", "slow");
        diagnostic.values.push(Shown { expression: "var.x".into(), phrase: "is 1".into() });
        let json = JsonDiagnostic::new(&diagnostic, &Sources::new());
        assert_eq!(
            (json.severity, json.range, json.snippet, json.values.len()),
            (Severity::Warning, None, None, 1)
        );
    }

    #[test]
    fn the_context_is_the_block_around() {
        let (sources, file) = sources();
        let cases = [(0, Some("")), (TEXT.len() - 2, None), (20, Some("step \"blob_uplod\" \"report\""))];
        for (offset, expected) in cases {
            let found = block_around(sources.file(file), Span::new(file, offset..offset));
            assert_eq!(found.as_deref(), expected.filter(|text| !text.is_empty()), "at {offset}");
        }
    }
}
