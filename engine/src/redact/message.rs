//! Redacts diagnostics for tools.

use std::borrow::Cow;

use super::{Redact, Secrets};
use crate::diagnostic::Severity;
use crate::diagnostic::json::{JsonDiagnostic, JsonPosition, JsonRange, JsonRelated, JsonSnippet, JsonValue};

impl Redact for JsonDiagnostic {
    fn redact(&mut self, secrets: &Secrets) {
        // The severity and the code are arcbook's own words.
        let Self {
            severity: _,
            code: _,
            summary,
            detail,
            address,
            others,
            range,
            snippet,
            values,
            related,
            help,
        } = self;
        summary.redact(secrets);
        detail.redact(secrets);
        address.redact(secrets);
        others.redact(secrets);
        range.redact(secrets);
        snippet.redact(secrets);
        values.redact(secrets);
        related.redact(secrets);
        help.redact(secrets);
    }

    fn samples(text: &str) -> Vec<Self> {
        vec![Self {
            severity: Severity::Error,
            code: Cow::Borrowed("code"),
            summary: text.to_owned(),
            detail: Some(text.to_owned()),
            address: Some(text.to_owned()),
            others: vec![text.to_owned()],
            range: JsonRange::samples(text).pop(),
            snippet: JsonSnippet::samples(text).pop(),
            values: JsonValue::samples(text),
            related: JsonRelated::samples(text),
            help: vec![text.to_owned()],
        }]
    }
}

impl Redact for JsonRange {
    fn redact(&mut self, secrets: &Secrets) {
        let Self { filename, start: _, end: _ } = self;
        filename.redact(secrets);
    }

    fn samples(text: &str) -> Vec<Self> {
        let start = JsonPosition { line: 1, column: 1, byte: 0 };
        vec![Self { filename: text.to_owned(), start, end: start }]
    }
}

impl Redact for JsonSnippet {
    fn redact(&mut self, secrets: &Secrets) {
        let Self { context, code, start_line: _, highlight_start_offset: _, highlight_end_offset: _, values } =
            self;
        context.redact(secrets);
        code.redact(secrets);
        values.redact(secrets);
    }

    fn samples(text: &str) -> Vec<Self> {
        vec![Self {
            context: Some(text.to_owned()),
            code: text.to_owned(),
            start_line: 1,
            highlight_start_offset: 0,
            highlight_end_offset: 1,
            values: JsonValue::samples(text),
        }]
    }
}

impl Redact for JsonValue {
    fn redact(&mut self, secrets: &Secrets) {
        let Self { traversal, statement } = self;
        traversal.redact(secrets);
        statement.redact(secrets);
    }

    fn samples(text: &str) -> Vec<Self> {
        vec![Self { traversal: text.to_owned(), statement: text.to_owned() }]
    }
}

impl Redact for JsonRelated {
    fn redact(&mut self, secrets: &Secrets) {
        let Self { message, range } = self;
        message.redact(secrets);
        range.redact(secrets);
    }

    fn samples(text: &str) -> Vec<Self> {
        let related = |range| Self { message: text.to_owned(), range };
        JsonRange::samples(text).into_iter().map(related).collect()
    }
}
