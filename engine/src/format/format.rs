//! The way in.

use super::line::Line;
use super::tokens::{self, Piece};
use super::{columns, indent, line};

/// Lays out `text` as `terraform fmt` does.
///
/// The result has the same tokens and comments on the same lines, block labels in quotes aside, and formatting it again
/// changes nothing. Text that cannot be cut into tokens, such as one with a bracket that is never closed, is given back
/// as it is; whether it parses is for [`parse`](crate::syntax::parse) to say.
#[must_use]
pub fn format(text: &str) -> String {
    let laid_out = tokens::read(text).and_then(|pieces| {
        let laid_out = lay_out(&pieces);
        // Two tokens that only space kept apart could become another one.
        (tokens::read(&laid_out)? == pieces).then_some(laid_out)
    });
    laid_out.unwrap_or_else(|| text.to_owned())
}

/// Writes the pieces in their layout.
pub(super) fn lay_out(pieces: &[Piece<'_>]) -> String {
    let lines: Vec<Line<'_>> = line::lines(pieces).collect();
    columns::align(&lines, &indent::depths(&lines))
}
