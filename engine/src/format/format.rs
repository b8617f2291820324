//! Provides the entry point of the formatter.

use super::line::Line;
use super::tokens::{self, Piece};
use super::{columns, indent, line};

/// Formats `text` as `terraform fmt` does.
///
/// The result has the same tokens and comments on the same lines, except for the quotes of block labels, and
/// formatting it again changes nothing. Text that cannot be split into tokens, such as one with an unclosed
/// bracket, is returned unchanged; [`parse`](crate::syntax::parse) decides whether text is valid.
#[must_use]
pub fn format(text: &str) -> String {
    let laid_out = tokens::read(text).and_then(|pieces| {
        let laid_out = lay_out(&pieces);
        // Tokens separated only by whitespace could merge into another one.
        (tokens::read(&laid_out)? == pieces).then_some(laid_out)
    });
    laid_out.unwrap_or_else(|| text.to_owned())
}

/// Writes the pieces in their layout.
pub(super) fn lay_out(pieces: &[Piece<'_>]) -> String {
    let lines: Vec<Line<'_>> = line::lines(pieces).collect();
    columns::align(&lines, &indent::depths(&lines))
}
