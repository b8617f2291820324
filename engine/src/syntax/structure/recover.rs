//! Where reading can go on after something that cannot be followed.
//!
//! A bracket that is not closed would swallow the rest of the file. The layout tells what the writer meant: an item ends
//! where a line that is not indented further begins another, and a block where its brace stands out to the left.

use crate::source::Span;
use crate::syntax::Body;
use crate::syntax::lexer::{is_identifier_part, is_identifier_start};

/// The text can no longer be followed; the reason has been reported.
pub(super) struct Lost {
    pub cause: Cause,
    /// Where the innermost item that was being read begins, once that is known.
    pub from: Option<usize>,
}

/// What cannot be followed.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Cause {
    /// Brackets or quotes in an expression or a header.
    Item,
    /// A heredoc or a comment without an end: any line after it may be part of it.
    Text,
    /// The file ends within a block: some block before has no end.
    Brace,
}

/// A place in the file to look for the next item from.
pub(super) struct Search<'a> {
    pub text: &'a str,
    /// The start of the item that was being read.
    pub item: usize,
    /// How far the header of the block around is indented; none for the file itself.
    pub outside: Option<usize>,
}

impl Search<'_> {
    /// Where the body that the item stands in goes on: the next item or its closing brace. None when it does not.
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

/// How far the line that `at` is on is indented, in bytes.
pub(super) fn indentation(text: &str, at: usize) -> usize {
    let start = text[..at].rfind('\n').map_or(0, |line| line + 1);
    text[start..].len() - text[start..].trim_start_matches([' ', '\t']).len()
}

/// Whether the lines after `at` are those of a block whose `{` was left out: indented, with a brace after them.
pub(super) fn has_body(text: &str, at: usize) -> bool {
    let outside = indentation(text, at);
    let indent = |line: &&str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let mut lines = text[at..].lines().skip(1).filter(|line| !line.trim().is_empty());
    let first = lines.next();
    first.as_ref().is_some_and(|line| indent(line) > outside)
        && lines.find(|line| indent(line) <= outside).is_some_and(|line| line.trim_start().starts_with('}'))
}

/// Whether a line begins a block, or an argument where that is looked for.
fn begins_item(line: &str, arguments: bool) -> bool {
    let rest = line.trim_start_matches(is_identifier_part).trim_start_matches(' ');
    let is_assignment = rest.starts_with('=') && !rest.starts_with("==");
    line.starts_with(is_identifier_start)
        && (rest.starts_with(['"', '{'])
            || rest.starts_with(is_identifier_start)
            || (arguments && is_assignment))
}

/// Takes out of `body` what was read from `at` on, where it is read again as something else.
pub(super) fn cut(body: &mut Body, at: usize) {
    let is_before = |span: Span| span.range().start < at;
    body.attributes.retain(|attribute| is_before(attribute.span));
    body.blocks.retain(|block| is_before(block.span));
    if let Some(last) = body.blocks.last_mut() {
        cut(&mut last.body, at);
    }
}

/// Notes in `body`, and in the last blocks in it, that `gap` was not read: which of them it belongs to is not known.
pub(super) fn note_gap(body: &mut Body, gap: Span) {
    body.gaps.push(gap);
    if let Some(last) = body.blocks.last_mut().filter(|last| last.span.range().end >= gap.range().start) {
        note_gap(&mut last.body, gap);
    }
}
