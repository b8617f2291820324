//! Finds the places of a runbook where a secret may be written out.

use std::collections::HashMap;
use std::ops::Range;

use super::Subject;
use crate::source::{FileId, Sources, Span};
use crate::step::Field;
use crate::syntax::{Body, Expression, ExpressionKind};

/// The places where a secret may be written out: no digest is made of them, because a short secret can be guessed from it.
#[derive(Default)]
pub(super) struct SecretSpans(HashMap<FileId, Vec<Range<usize>>>);

impl SecretSpans {
    /// Returns the arguments that their types declare sensitive, and the arguments of `sensitive()`.
    pub fn of(subject: &Subject<'_>) -> Self {
        let mut spans = Self::default();
        for runbook in subject.runbooks() {
            let blocks = runbook.steps.iter().map(|step| step.typed());
            for typed in blocks.chain(runbook.identities.iter().map(|identity| identity.typed())) {
                for argument in typed.arguments {
                    if typed.field(&argument.name.value).is_some_and(Field::has_sensitive_part) {
                        spans.add(argument.expression.span);
                    }
                }
            }
            runbook.expressions().for_each(|expression| spans.add_calls(expression));
        }
        spans.0.values_mut().for_each(merge);
        spans
    }

    /// Adds the defaults of sensitive and ephemeral variables.
    pub fn add_defaults(&mut self, body: &Body, sources: &Sources) {
        for block in &body.blocks {
            let has =
                |name: &str| block.body.attributes.iter().find(|attribute| &*attribute.name.value == name);
            let is_secret = has("sensitive").is_some() || has("ephemeral").is_some();
            if let Some(default) =
                has("default").filter(|_| is_secret && is_variable(sources.text(block.header)))
            {
                self.add(default.expression.span);
            }
        }
        self.0.values_mut().for_each(merge);
    }

    fn add_calls(&mut self, expression: &Expression) {
        expression.walk(&mut |part| {
            if let ExpressionKind::Call(call) = &part.kind
                && call.function() == "sensitive"
            {
                self.add(part.span);
            }
        });
    }

    fn add(&mut self, span: Span) {
        self.0.entry(span.file).or_default().push(span.range());
    }

    /// Returns true if the bytes of a file are part of such a place.
    pub fn hold(&self, file: FileId, bytes: &Range<usize>) -> bool {
        let Some(ranges) = self.0.get(&file) else { return false };
        let at = ranges.partition_point(|range| range.end < bytes.end);
        ranges.get(at).is_some_and(|range| range.start <= bytes.start)
    }
}

fn is_variable(header: &str) -> bool {
    header.trim_start().starts_with("variable")
}

/// Sorts ranges, and makes one of those that overlap.
fn merge(ranges: &mut Vec<Range<usize>>) {
    ranges.sort_by_key(|range| range.start);
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges.drain(..) {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    *ranges = merged;
}
