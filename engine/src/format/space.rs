//! Decides on the space between two tokens.

use super::tokens::Piece;
use crate::syntax::lexer::Token::{
    Close, Directive, HeredocClose, HeredocOpen, Identifier, Interpolation, Number, Open, Operator,
    QuoteClose, QuoteOpen, TemplateEnd, Text,
};

/// Returns true if one space separates `left` and `right`; `before` precedes `left` in the same cell.
///
/// The first matching rule decides; a comment counts as a token.
#[expect(clippy::match_same_arms, reason = "the rules are in order")]
pub(super) fn between(before: Option<&Piece<'_>>, left: &Piece<'_>, right: &Piece<'_>) -> bool {
    let after = |token| before.is_some_and(|piece| piece.is(token));
    match ((left.token, left.text), (right.token, right.text)) {
        ((Some(Text | QuoteOpen | HeredocOpen), _), _) | (_, (Some(Text | QuoteClose | HeredocClose), _)) => {
            false
        }
        // Without the space, the numbers of `x.0. 1` would merge.
        ((_, "."), (Some(Number), _)) if after(Number) => true,
        ((Some(Identifier), _), (_, "(" | "::")) | ((_, "::"), (Some(Identifier), _)) => false,
        ((_, "."), _) | (_, (_, "." | "," | "...")) => false,
        ((_, ","), _) => true,
        // `[for x in [1, 2] : x]`: the bracket begins a list, not an index.
        ((Some(Identifier), "in"), _) if after(Identifier) => true,
        ((Some(Identifier | Number | Close | TemplateEnd), _), (_, "[")) | ((_, "!"), _) => false,
        ((_, "-"), _) => before.is_some_and(is_subtracted_from),
        ((_, "{"), (_, "}")) => false,
        ((_, "{"), _) | (_, (Some(Close), "}")) => true,
        // An object in an interpolation: `${ { a = 1 } }`.
        ((Some(Interpolation | Directive), _), (_, "{")) | ((_, "}"), (Some(TemplateEnd), _)) => true,
        ((Some(TemplateEnd), _), (Some(Interpolation | Directive), _)) => false,
        _ => left.brackets() <= 0 && right.brackets() >= 0,
    }
}

/// Returns true if a minus after the piece is a subtraction.
fn is_subtracted_from(piece: &Piece<'_>) -> bool {
    match piece.token {
        Some(Operator) => matches!(piece.text, "=>" | "..." | "." | "::"),
        token => token != Some(Open),
    }
}
