//! Trims the whitespace that `~` and `<<-` remove.
//!
//! Both work line by line, as in the Go implementation of HCL: `~` reaches at most to the end of its line,
//! and the result determines how far `<<-` moves the lines to the left.

use super::template::{Content, Piece};
use crate::value::characters;

/// Applies the `~` markers.
pub(super) fn trim(pieces: &mut [Piece]) {
    for at in 0..pieces.len() {
        let (before, rest) = pieces.split_at_mut(at);
        let Some((piece, after)) = rest.split_first_mut() else { return };
        if piece.trims_before
            && let Some(Piece { content: Content::Text(text), .. }) = before.last_mut()
        {
            text.truncate(text.trim_end().len());
        }
        if piece.trims_after
            && let Some(Piece { content: Content::Text(text), .. }) = after.first_mut()
        {
            text.drain(..text.len() - text.trim_start().len());
        }
    }
}

/// Moves all lines to the left by the smallest indentation; blank lines stay and do not count.
pub(super) fn dedent(pieces: &mut [Piece]) {
    let mut least = usize::MAX;
    let mut starts = Vec::new();
    let mut at_line_start = true;
    for (at, piece) in pieces.iter().enumerate() {
        let text = match &piece.content {
            Content::Text(text) => Some(text.as_str()),
            _ => None,
        };
        if at_line_start {
            at_line_start = false;
            let indent = text.map_or(Some(0), indentation);
            if let Some(indent) = indent {
                least = least.min(indent);
                starts.extend(text.map(|_| at));
            }
        }
        at_line_start |= text.is_some_and(|text| text.ends_with('\n'));
    }
    for at in starts {
        if let Content::Text(text) = &mut pieces[at].content {
            let cut: usize = characters(text).take(least).map(str::len).sum();
            text.drain(..cut);
        }
    }
}

/// Returns the indentation of a line; none if it is blank.
fn indentation(line: &str) -> Option<usize> {
    let text = line.trim_start();
    if text.is_empty() && line.ends_with('\n') {
        return None;
    }
    Some(characters(&line[..line.len() - text.len()]).count())
}
