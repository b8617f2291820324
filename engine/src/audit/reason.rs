//! Tells whether a comment gives a reason.

use crate::diagnostic::is_hidden;

/// Returns true if a text has a word that a reader sees: two letters or more, none of them invisible.
pub(super) fn has_words(text: &str) -> bool {
    let letters = |word: &str| word.chars().filter(|next| next.is_alphabetic() && !is_hidden(*next)).count();
    text.split_whitespace().any(|word| letters(word) >= 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_has_a_word_that_a_reader_sees() {
        for (text, expected) in [
            ("because", true),
            ("\u{65e5}\u{672c}", true),
            ("", false),
            ("-- 12", false),
            ("x", false),
            ("\u{3164}\u{3164}", false),
            ("\u{115f}a", false),
        ] {
            assert_eq!(has_words(text), expected, "{text:?}");
        }
    }
}
