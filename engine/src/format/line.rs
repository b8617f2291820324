//! Splits lines into the cells to align.

use super::tokens::Piece;
use crate::syntax::lexer::Token;

/// A line up to its line break; a heredoc or a multi-line comment is part of one line.
pub(super) struct Line<'p> {
    /// The part before the other cells; the whole line if there are none.
    pub lead: &'p [Piece<'p>],
    /// The part from the first `=` on, if all brackets opened after it are closed on the line.
    pub assign: &'p [Piece<'p>],
    /// The comment after other content of the line; empty if there is none.
    pub comment: &'p str,
    /// The line break; empty on the last line.
    pub newline: &'p str,
}

pub(super) fn lines<'p>(pieces: &'p [Piece<'p>]) -> impl Iterator<Item = Line<'p>> {
    pieces.split_inclusive(|piece| piece.is(Token::Newline)).map(Line::new)
}

impl<'p> Line<'p> {
    fn new(pieces: &'p [Piece<'p>]) -> Self {
        let (rest, newline) = match pieces.split_last() {
            Some((last, rest)) if last.is(Token::Newline) => (rest, last.text),
            _ => (pieces, ""),
        };
        let (rest, comment) = match rest.split_last() {
            Some((last, rest)) if last.is_line_comment() && !rest.is_empty() => (rest, last.text),
            _ => (rest, ""),
        };
        let equals = rest.iter().skip(1).position(|piece| piece.is(Token::Operator) && piece.text == "=");
        let (lead, assign) = match equals.map(|at| rest.split_at(at + 1)) {
            Some((lead, assign)) if balance(assign) == 0 => (lead, assign),
            _ => (rest, [].as_slice()),
        };
        Self { lead, assign, comment, newline }
    }

    /// Returns the number of brackets that the line opens, minus those that it closes.
    pub fn balance(&self) -> isize {
        balance(self.lead) + balance(self.assign)
    }
}

fn balance(pieces: &[Piece<'_>]) -> isize {
    pieces.iter().map(Piece::brackets).sum()
}
