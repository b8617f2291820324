//! Characters in texts and comments that reorder what a reader sees: what is reviewed is not what is run.

use crate::diagnostic::{Diagnostic, Lookalike};
use crate::source::{FileId, Sources, Span};

use super::view::View;

/// No more of them are told of a file.
const MOST: usize = 10;

pub fn check(view: &View<'_>) -> Vec<Diagnostic> {
    let files = view.runbook.files.iter();
    files.flat_map(|file| reordering(*file, view.sources)).filter_map(|(span, c)| warning(span, c)).collect()
}

/// Returns the characters in a file that reorder what is shown of the text after them; the first ones, if they are many.
pub fn reordering(file: FileId, sources: &Sources) -> Vec<(Span, char)> {
    let text = sources.file(file).text();
    if text.is_ascii() {
        return Vec::new();
    }
    let reordering = text.char_indices().filter(|(_, c)| reorders(*c)).take(MOST);
    reordering.map(|(at, c)| (Span::new(file, at..at + c.len_utf8()), c)).collect()
}

fn warning(span: Span, c: char) -> Option<Diagnostic> {
    let summary = format!("{} reorders what is shown of the text after it", Lookalike::of(c)?);
    let escape = format!("where a text needs it, write it in quotes as `\\u{:04x}`", u32::from(c));
    Some(
        Diagnostic::warning("text-direction", summary)
            .at(span, "nobody sees it, and what is after it may be read otherwise than it is run")
            .help("remove it")
            .help(escape),
    )
}

/// Returns true if `c` sets the direction of the text after it: an embedding, an override or an isolate, or the end of one.
fn reorders(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
