//! Finds the last line of what begins on a line.

use std::collections::HashMap;

use crate::source::{Sources, Span};
use crate::syntax::Body;

/// For each line on which a block or an argument begins, the last line of the outermost one.
///
/// One walk over the file makes it: comments are many, and each asks.
pub(super) struct LastLines(HashMap<usize, usize>);

impl LastLines {
    pub fn of(body: &Body, sources: &Sources) -> Self {
        let mut lines = Self(HashMap::new());
        lines.add(body, sources);
        lines
    }

    fn add(&mut self, body: &Body, sources: &Sources) {
        for attribute in &body.attributes {
            self.note(attribute.span, sources);
        }
        for block in &body.blocks {
            self.note(block.span, sources);
            self.add(&block.body, sources);
        }
    }

    /// Keeps the last of the lines: what is further out ends no earlier.
    fn note(&mut self, span: Span, sources: &Sources) {
        let file = sources.file(span.file);
        let range = span.range();
        let (first, last) = (file.position(range.start).line, file.position(range.end).line);
        let known = self.0.entry(first).or_insert(last);
        *known = last.max(*known);
    }

    /// Returns the last line of what begins on a line; that line itself if nothing does.
    pub fn from(&self, line: usize) -> usize {
        self.0.get(&line).copied().unwrap_or(line)
    }
}
