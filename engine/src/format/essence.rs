//! What stays when only the layout changes.

use crate::syntax::lexer::Token;

use super::tokens;

/// The tokens of `text` with one byte between any two, without comments and line breaks: the same for two texts that
/// differ in layout only. Text that cannot be cut into tokens is its own essence.
#[must_use]
pub fn essence(text: &str) -> String {
    let Some(pieces) = tokens::read(text) else { return text.to_owned() };
    let words = pieces.iter().filter(|piece| piece.token.is_some_and(|token| token != Token::Newline));
    words.map(|piece| piece.text).collect::<Vec<_>>().join("\u{1f}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layout_and_comments_are_not_of_the_essence() {
        assert_eq!(essence("{ a = 1 }"), essence("{\n  a    = 1 # one\n}"));
        assert_eq!(essence("\"a ${ x }\""), essence("\"a ${x}\""));
        assert_ne!(essence("a b"), essence("ab"));
        assert_ne!(essence("\"a  b\""), essence("\"a b\""));
    }
}
