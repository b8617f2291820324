//! Parses tokens into trees.
//!
//! A recursive-descent parser over the [`Lexer`], with one token of lookahead. The depth of the recursion and
//! the height of the tree are limited, so that code may traverse the tree recursively.

mod collection;
mod operator;
mod template;
mod term;
mod text;
mod traversal;
mod whitespace;

use std::ops::Range;
use std::sync::Arc;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

pub(super) use text::quoted_text;

use super::depth::MAX_DEPTH;
use super::lexer::{Lexeme, Lexer, Token};
use super::{Expression, ExpressionKind};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{FileId, Span, Spanned};

/// The height that a level of nesting adds to a tree, relative to an operator in a row, which the evaluator
/// handles in a loop.
const LEVEL: usize = 8;
const MAX_HEIGHT: usize = MAX_DEPTH * LEVEL;

/// A tree, with the errors that do not stop parsing.
pub(super) struct Tree {
    pub expression: Expression,
    /// Errors about object keys that may be meant as a string or as a reference.
    pub ambiguous: Diagnostics,
}

/// Parses the expression in `range` of the text.
pub(super) fn expression(text: &str, file: FileId, range: Range<usize>) -> Result<Tree, Failure> {
    let start = range.start;
    let mut parser = Parser::new(text, file, Lexer::new(text, file, range), start);
    parser.advance()?;
    let part = parser.expression()?;
    parser.expect_token(Token::End)?;
    Ok(Tree { expression: part.expression, ambiguous: parser.ambiguous })
}

/// Parses the whole text as a template.
pub(super) fn template(text: &str, file: FileId) -> Result<Tree, Failure> {
    let mut parser = Parser::new(text, file, Lexer::template(text, file), 0);
    parser.advance()?;
    let expression = parser.document()?.expression;
    Ok(Tree { expression, ambiguous: parser.ambiguous })
}

/// The reason why parsing failed.
pub(super) enum Failure {
    /// This error.
    Said(Box<Diagnostic>),
    /// An unexpected token in this range.
    Unexpected(Range<usize>),
}

impl From<Box<Diagnostic>> for Failure {
    fn from(error: Box<Diagnostic>) -> Self {
        Self::Said(error)
    }
}

/// An expression with the height of its tree.
struct Part {
    expression: Expression,
    height: usize,
}

type Parsed<T = Part> = Result<T, Failure>;

struct Parser<'a> {
    text: &'a str,
    file: FileId,
    lexer: Lexer<'a>,
    token: Lexeme,
    /// The end of the last consumed token.
    end: usize,
    /// True if line breaks are ignored, as in parentheses.
    ignores_newlines: bool,
    depth: usize,
    ambiguous: Diagnostics,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str, file: FileId, lexer: Lexer<'a>, start: usize) -> Self {
        let token = Lexeme { token: Token::End, range: start..start };
        Self {
            text,
            file,
            lexer,
            token,
            end: start,
            ignores_newlines: false,
            depth: 0,
            ambiguous: Diagnostics::new(),
        }
    }

    /// Consumes the next token.
    fn advance(&mut self) -> Parsed<Lexeme> {
        self.end = self.token.range.end;
        let mut next = self.lexer.next()?;
        while self.ignores_newlines && next.token == Token::Newline {
            next = self.lexer.next()?;
        }
        Ok(std::mem::replace(&mut self.token, next))
    }

    fn written(&self) -> &'a str {
        self.lexer.slice(&self.token)
    }

    fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.file, range)
    }

    /// Returns the span from `start` to the end of the last token.
    fn span_from(&self, start: usize) -> Span {
        self.span(start..self.end)
    }

    fn unexpected<T>(&self) -> Parsed<T> {
        Err(Failure::Unexpected(self.token.range.clone()))
    }

    fn is(&self, token: Token, written: &str) -> bool {
        self.token.token == token && self.written() == written
    }

    fn is_operator(&self, written: &str) -> bool {
        self.is(Token::Operator, written)
    }

    fn is_word(&self, word: &str) -> bool {
        self.is(Token::Identifier, word)
    }

    /// Consumes the next token if it is this one.
    fn take_if(&mut self, token: Token, written: &str) -> Parsed<bool> {
        let found = self.is(token, written);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    fn expect(&mut self, token: Token, written: &str) -> Parsed<()> {
        if self.take_if(token, written)? { Ok(()) } else { self.unexpected() }
    }

    fn expect_token(&self, token: Token) -> Parsed<()> {
        if self.token.token == token { Ok(()) } else { self.unexpected() }
    }

    fn name(&mut self) -> Parsed<Spanned<Arc<str>>> {
        self.expect_token(Token::Identifier)?;
        let name = Spanned::new(normal(self.written()), self.span(self.token.range.clone()));
        self.advance()?;
        Ok(name)
    }

    /// Parses an opening bracket, the contents by `inside`, and `closing`; `ignores_newlines` applies between
    /// the brackets.
    fn bracketed<T>(
        &mut self,
        ignores_newlines: bool,
        closing: &str,
        inside: impl FnOnce(&mut Self) -> Parsed<T>,
    ) -> Parsed<T> {
        let outside = std::mem::replace(&mut self.ignores_newlines, ignores_newlines);
        self.advance()?;
        let result = inside(self)?;
        if !self.is(Token::Close, closing) {
            return self.unexpected();
        }
        self.ignores_newlines = outside;
        self.advance()?;
        Ok(result)
    }

    /// Parses with `inside` one level deeper.
    fn deeper<T>(&mut self, inside: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= MAX_DEPTH {
            return Err(too_deep(self.span(self.token.range.clone())).into());
        }
        self.depth += 1;
        let result = inside(self);
        self.depth -= 1;
        result
    }

    /// Returns an expression whose highest part has that height.
    fn node(kind: ExpressionKind, span: Span, height: usize) -> Parsed {
        Self::raised(kind, span, height + LEVEL)
    }

    fn raised(kind: ExpressionKind, span: Span, height: usize) -> Parsed {
        if height > MAX_HEIGHT {
            return Err(too_deep(span).into());
        }
        Ok(Part { expression: Expression { kind, span }, height })
    }
}

fn too_deep(at: Span) -> Box<Diagnostic> {
    Box::new(
        Diagnostic::error("nesting-too-deep", format!("nested more than {MAX_DEPTH} levels deep"))
            .at(at, "one level too many")
            .detail(format!("Each bracket, conditional and sign before an operand counts as a level, and so do {LEVEL} operators in a row."))
            .help("move the inner part to `locals` and refer to it")
            .help("for many operators in a row, use a list with `join`, `sum`, `alltrue` or `anytrue`"),
    )
}

/// Returns `text` in normalization form C, as Terraform stores all strings.
pub(super) fn normal(text: &str) -> Arc<str> {
    if is_nfc_quick(text.chars()) == IsNormalized::Yes {
        text.into()
    } else {
        text.nfc().collect::<String>().into()
    }
}
