//! Finds the position to resume after an unreadable part.
//!
//! An unclosed bracket would swallow the rest of the file. The layout shows the author's intent: an item ends
//! at a line that begins another one without more indentation, and a block ends at a brace with less.

use crate::source::Span;
use crate::syntax::Body;
use crate::syntax::lexer::{is_identifier_part, is_identifier_start};

/// The loss of the structure of the text; the error is reported already.
pub(super) struct Lost {
    pub cause: Cause,
    /// The start of the innermost item being read, once known.
    pub from: Option<usize>,
}

/// The unreadable part.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Cause {
    /// Brackets or quotes in an expression or a header.
    Item,
    /// A heredoc or a comment without an end; any line after it may be part of it.
    Text,
    /// The file ends within a block; some earlier block has no end.
    Brace,
}

/// The start of a search for the next item.
pub(super) struct Search<'a> {
    pub text: &'a str,
    /// The start of the item being read.
    pub item: usize,
    /// The indentation of the header of the enclosing block; none for the file itself.
    pub outside: Option<usize>,
}

impl Search<'_> {
    /// Returns the position at which the body of the item continues: the next item or the closing brace, if
    /// any.
    pub fn next(&self, lost: &Lost) -> Option<usize> {
        if lost.cause != Cause::Item && self.outside.is_some() {
            return None;
        }
        let here = indentation(self.text, self.item);
        if self.outside.is_some_and(|outside| here <= outside) {
            return None;
        }
        let mut at = match lost.cause {
            Cause::Brace => self.item,
            _ => lost.from.unwrap_or(self.item),
        };
        loop {
            at += self.text[at..].find('\n')? + 1;
            let line = self.text[at..].lines().next().unwrap_or_default();
            let item = line.trim_start_matches([' ', '\t']);
            let indent = line.len() - item.len();
            if indent > here {
                continue;
            }
            if item.starts_with('}') && self.outside.is_some() && indent < here {
                return Some(at + indent);
            }
            if begins_item(item, lost.cause == Cause::Item) {
                return self.outside.is_none_or(|outside| indent > outside).then_some(at + indent);
            }
        }
    }
}

/// Returns the indentation of the line of `at`, in bytes.
pub(super) fn indentation(text: &str, at: usize) -> usize {
    let start = text[..at].rfind('\n').map_or(0, |line| line + 1);
    text[start..].len() - text[start..].trim_start_matches([' ', '\t']).len()
}

/// Returns true if the lines after `at` look like a block without its `{`: indented, with a brace after them.
pub(super) fn has_body(text: &str, at: usize) -> bool {
    let outside = indentation(text, at);
    let indent = |line: &&str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let mut lines = text[at..].lines().skip(1).filter(|line| !line.trim().is_empty());
    let first = lines.next();
    first.as_ref().is_some_and(|line| indent(line) > outside)
        && lines.find(|line| indent(line) <= outside).is_some_and(|line| line.trim_start().starts_with('}'))
}

/// Returns true if a line begins a block, or an argument if `arguments` is set.
fn begins_item(line: &str, arguments: bool) -> bool {
    let rest = line.trim_start_matches(is_identifier_part).trim_start_matches(' ');
    let is_assignment = rest.starts_with('=') && !rest.starts_with("==");
    line.starts_with(is_identifier_start)
        && (rest.starts_with(['"', '{'])
            || rest.starts_with(is_identifier_start)
            || (arguments && is_assignment))
}

/// Removes the items of `body` from `at` on, which are read again.
pub(super) fn cut(body: &mut Body, at: usize) {
    let is_before = |span: Span| span.range().start < at;
    body.attributes.retain(|attribute| is_before(attribute.span));
    body.blocks.retain(|block| is_before(block.span));
    if let Some(last) = body.blocks.last_mut() {
        cut(&mut last.body, at);
    }
}

/// Adds `gap` to `body` and to its last blocks, since any of them may contain it.
pub(super) fn note_gap(body: &mut Body, gap: Span) {
    body.gaps.push(gap);
    if let Some(last) = body.blocks.last_mut().filter(|last| last.span.range().end >= gap.range().start) {
        note_gap(&mut last.body, gap);
    }
}
