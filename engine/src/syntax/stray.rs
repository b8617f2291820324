//! The message about a character that only looks like one of the language, or like nothing.

use crate::diagnostic::{Diagnostic, Lookalike};
use crate::source::Span;

/// The message about the first such character in `written`, which stands outside of any text at `here`.
pub(super) fn character(written: &str, here: Span) -> Option<Diagnostic> {
    let (at, lookalike) = Lookalike::find(written)?;
    let length = written[at..].chars().next().map_or(0, char::len_utf8);
    let start = here.range().start + at;
    Some(
        Diagnostic::error("invalid-character", format!("{lookalike} has no meaning outside of a text"))
            .at(Span::new(here.file, start..start + length), "this character")
            .help(lookalike.remedy('"')),
    )
}
