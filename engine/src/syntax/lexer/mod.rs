//! Splits text into tokens, tracks brackets, and reports unclosed ones.

mod brackets;
mod text;
mod word;

use std::ops::Range;

use brackets::{Frame, Opener};
pub use word::is_identifier;
pub(super) use word::{is_identifier_part, is_identifier_start};
use word::{number_length, operator};

use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};

/// The kind of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    Identifier,
    Number,
    Operator,
    Open,
    Close,
    Newline,
    QuoteOpen,
    QuoteClose,
    HeredocOpen,
    HeredocClose,
    Text,
    Interpolation,
    Directive,
    TemplateEnd,
    Unknown,
    End,
}

/// A token with its byte range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lexeme {
    pub token: Token,
    pub range: Range<usize>,
}

/// A position in a text with the brackets open there.
#[derive(Clone, Debug)]
pub(crate) struct Lexer<'a> {
    text: &'a str,
    file: FileId,
    at: usize,
    end: usize,
    open: Vec<Frame>,
}

pub(crate) type Lexed = Result<Lexeme, Box<Diagnostic>>;

impl<'a> Lexer<'a> {
    /// Starts at the start of `range`; ranges of tokens are relative to the start of `text`.
    pub fn new(text: &'a str, file: FileId, range: Range<usize>) -> Self {
        Self { text, file, at: range.start, end: range.end, open: Vec::new() }
    }

    /// Starts a template file, as text up to the first `${` or `%{`.
    pub fn template(text: &'a str, file: FileId) -> Self {
        let mut lexer = Self::new(text, file, 0..text.len());
        let at = 0..0;
        lexer.open.push(Frame { opener: Opener::Document, at });
        lexer
    }

    /// Returns the number of open brackets, quotes and interpolations.
    pub fn depth(&self) -> usize {
        self.open.len()
    }

    /// Resumes at `at`, with only the outermost `depth` brackets open.
    pub fn resume(&mut self, at: usize, depth: usize) {
        self.at = at;
        self.open.truncate(depth);
    }

    /// Returns to `at` within the same brackets.
    pub fn resume_line(&mut self, at: usize) {
        self.at = at;
    }

    /// Returns the end of the last token.
    pub fn position(&self) -> usize {
        self.at
    }

    /// Returns the text of a token.
    pub fn slice(&self, lexeme: &Lexeme) -> &'a str {
        &self.text[lexeme.range.clone()]
    }

    /// Returns the span of a range.
    pub fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.file, range)
    }

    /// Returns the next token without consuming it.
    pub fn peek(&self) -> Lexed {
        self.clone_cheaply().next()
    }

    fn clone_cheaply(&self) -> Self {
        // The next token depends only on the innermost bracket.
        let open = self.open.last().cloned().into_iter().collect();
        Self { text: self.text, file: self.file, at: self.at, end: self.end, open }
    }

    /// Returns the next token, without the whitespace and comments before it.
    pub fn next(&mut self) -> Lexed {
        match self.open.last().map(|frame| &frame.opener) {
            Some(Opener::Quote) => self.quoted(),
            Some(Opener::Heredoc { tag }) => {
                let tag = &self.text[tag.clone()];
                self.heredoc(tag)
            }
            Some(Opener::Document) => self.document(),
            _ => self.code(),
        }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..self.end]
    }

    fn take(&mut self, token: Token, length: usize) -> Lexeme {
        let start = self.at;
        self.at += length;
        Lexeme { token, range: start..self.at }
    }

    fn code(&mut self) -> Lexed {
        self.skip_trivia()?;
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return self.finish() };
        let lexeme = match first {
            '\n' => self.take(Token::Newline, 1),
            '"' => self.push(Token::QuoteOpen, 1, Opener::Quote)?,
            '(' | '[' | '{' => self.push(Token::Open, 1, Opener::Bracket(first))?,
            ')' | ']' | '}' => return self.close(first, 1),
            '~' if rest.starts_with("~}") => return self.close('}', 2),
            '<' if rest.starts_with("<<") => return self.heredoc_start(),
            '0'..='9' => self.take(Token::Number, number_length(rest)),
            _ if is_identifier_start(first) => {
                let length = rest.find(|c| !is_identifier_part(c)).unwrap_or(rest.len());
                self.take(Token::Identifier, length)
            }
            _ => match operator(rest) {
                Some(operator) => self.take(Token::Operator, operator.len()),
                None => self.take(Token::Unknown, first.len_utf8()),
            },
        };
        Ok(lexeme)
    }

    fn finish(&mut self) -> Lexed {
        match self.open.last() {
            None => Ok(self.take(Token::End, 0)),
            Some(frame) => Err(Box::new(self.unclosed(frame))),
        }
    }

    fn skip_trivia(&mut self) -> Result<(), Box<Diagnostic>> {
        loop {
            let rest = self.rest();
            let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\r']).len();
            if blank > 0 {
                self.at += blank;
            } else if rest.starts_with('#') || rest.starts_with("//") {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if let Some(comment) = rest.strip_prefix("/*") {
                let Some(length) = comment.find("*/") else {
                    return Err(Box::new(
                        Diagnostic::error("unclosed-comment", "a comment is never closed")
                            .at(self.span(self.at..self.at + 2), "the comment starts here")
                            .help("end it with `*/`, or begin each of its lines with `#`"),
                    ));
                };
                self.at += length + 4;
            } else {
                return Ok(());
            }
        }
    }
}
