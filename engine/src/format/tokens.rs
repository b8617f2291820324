//! Splits text into tokens and comments, without the whitespace between them.

use crate::source::{FileId, SourceFile, Sources};
use crate::syntax::lexer::{Lexeme, Lexer, Token};

/// A token or comment, as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    /// The kind of token; none for a comment.
    pub token: Option<Token>,
    pub text: &'a str,
}

impl Piece<'_> {
    /// Returns true if the piece is this token.
    pub fn is(&self, token: Token) -> bool {
        self.token == Some(token)
    }

    /// Returns true if the piece is a comment that ends with its line.
    pub fn is_line_comment(&self) -> bool {
        self.token.is_none() && !self.text.starts_with("/*")
    }

    /// Returns the number of brackets that the piece opens, minus those that it closes.
    pub fn brackets(&self) -> isize {
        match self.token {
            Some(Token::Open | Token::Interpolation | Token::Directive) => 1,
            Some(Token::Close | Token::TemplateEnd) => -1,
            _ => 0,
        }
    }
}

/// Splits `text` into pieces, with block labels in quotes; none if that fails.
pub(super) fn read(text: &str) -> Option<Vec<Piece<'_>>> {
    let reader = Reader {
        text,
        lexer: Lexer::new(text, nameless(), 0..text.len()),
        pieces: Vec::new(),
        bodies: vec![0],
        header: Some(0),
    };
    reader.read()
}

/// Returns a placeholder file ID for the messages of the lexer, which are ignored here.
fn nameless() -> FileId {
    Sources::new().add(SourceFile::new("", String::new()))
}

struct Reader<'a> {
    text: &'a str,
    lexer: Lexer<'a>,
    pieces: Vec<Piece<'a>>,
    /// The number of open brackets of each open body.
    bodies: Vec<usize>,
    /// The index of the first piece of the current item, as long as it may be the header of a block.
    header: Option<usize>,
}

impl<'a> Reader<'a> {
    fn read(mut self) -> Option<Vec<Piece<'a>>> {
        loop {
            let before = self.lexer.position();
            let lexeme = self.lexer.next().ok()?;
            let start = self.gap(before, &lexeme);
            self.follow(&lexeme);
            if lexeme.token == Token::End {
                return Some(self.pieces);
            }
            // The line break after `<<TAG` is part of the token.
            let text = &self.text[start..self.lexer.position()];
            self.pieces.push(Piece { token: Some(lexeme.token), text });
        }
    }

    /// Reads the comments before a token; returns the start of the token itself.
    fn gap(&mut self, before: usize, lexeme: &Lexeme) -> usize {
        let start = lexeme.range.start;
        let gap = &self.text[before..start];
        match lexeme.token {
            // The whitespace before the tag is part of the heredoc's text.
            Token::HeredocClose => return before,
            Token::Newline if self.comments(gap) && gap.ends_with('\r') => return start - 1,
            Token::Newline => {}
            _ => {
                self.comments(gap);
            }
        }
        start
    }

    /// Reads the comments of a gap; returns true if whitespace follows the last one.
    fn comments(&mut self, gap: &'a str) -> bool {
        let mut rest = gap;
        while let Some(at) = rest.find(['#', '/']) {
            rest = &rest[at..];
            let block = rest.strip_prefix("/*").and_then(|inner| inner.find("*/"));
            let length = block.map_or(rest.len(), |length| length + 4);
            self.pieces.push(Piece { token: None, text: &rest[..length] });
            rest = &rest[length..];
        }
        !rest.is_empty()
    }

    /// Tracks bodies, and quotes the labels of a block.
    fn follow(&mut self, lexeme: &Lexeme) {
        let depth = self.lexer.depth();
        match lexeme.token {
            Token::Open if self.lexer.slice(lexeme) == "{" && self.is_block(depth) => {
                self.quote_labels();
                self.bodies.push(depth);
                self.header = Some(self.pieces.len() + 1);
            }
            Token::Close => {
                self.bodies.pop_if(|body| *body > depth);
                self.header = None;
            }
            Token::Newline => {
                let in_body = self.bodies.last() == Some(&depth);
                self.header = in_body.then_some(self.pieces.len() + 1);
            }
            Token::Identifier | Token::QuoteOpen | Token::Text | Token::QuoteClose => {}
            _ => self.header = None,
        }
    }

    /// Returns true if the brace just opened begins the body of a block.
    fn is_block(&self, depth: usize) -> bool {
        let in_body = self.bodies.last().is_some_and(|body| body + 1 == depth);
        let first = self.header.and_then(|start| self.words(start).next());
        in_body && first.is_some_and(|at| self.pieces[at].is(Token::Identifier))
    }

    /// Returns the indexes of the pieces from `start` on that are not comments.
    fn words(&self, start: usize) -> impl Iterator<Item = usize> {
        (start..self.pieces.len()).filter(|at| self.pieces[*at].token.is_some())
    }

    fn quote_labels(&mut self) {
        const QUOTE: &str = "\"";
        let Some(kind) = self.header.and_then(|start| self.words(start).next()) else { return };
        for label in self.pieces.split_off(kind + 1) {
            if label.is(Token::Identifier) {
                let quoted =
                    [(Token::QuoteOpen, QUOTE), (Token::Text, label.text), (Token::QuoteClose, QUOTE)];
                let pieces = quoted.map(|(token, text)| Piece { token: Some(token), text });
                self.pieces.extend(pieces);
            } else {
                self.pieces.push(label);
            }
        }
    }
}
