//! Writes the text of a block without its layout, its comments and its secrets.

use std::ops::Range;

use crate::runbook::SecretPlaces;
use crate::source::{FileId, SourceFile, Span};
use crate::syntax::lexer::{Lexer, Token};

/// The tokens of a file.
pub(super) struct BlockText {
    text: String,
    tokens: Vec<Range<usize>>,
}

impl BlockText {
    pub fn of(file: &SourceFile, id: FileId) -> Self {
        let text = file.text().to_owned();
        let mut tokens = Vec::new();
        let mut lexer = Lexer::new(&text, id, 0..text.len());
        while let Ok(lexeme) = lexer.next() {
            match lexeme.token {
                Token::End => break,
                Token::Newline => {}
                _ => tokens.push(lexeme.range),
            }
        }
        Self { text, tokens }
    }

    /// Returns the tokens of a block with one blank between two of them; a secret is one word, whatever it is.
    pub fn plain(&self, block: Span, secrets: &SecretPlaces) -> String {
        let range = block.range();
        let first = self.tokens.partition_point(|token| token.start < range.start);
        let mut words: Vec<&str> = Vec::new();
        for token in self.tokens[first..].iter().take_while(|token| token.end <= range.end) {
            let word = if secrets.hold(block.file, token) { "(secret)" } else { &self.text[token.clone()] };
            if !(word == "(secret)" && words.last() == Some(&word)) {
                words.push(word);
            }
        }
        words.join(" ")
    }
}
