//! Provides the entry points of the parser.

use std::ops::Range;
use std::sync::Arc;

use super::lexer::{Lexer, Token};
use super::parser::{self, Failure, Tree, normal, quoted_text};
use super::{Body, Expression};
use super::{check, structure};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{FileId, Sources, Span};

/// The size limit of an expression, whose tree takes many times its size.
const MAX_EXPRESSION: usize = 1 << 20;

/// The result of parsing a file, with all errors.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The readable parts; an unreadable value is [`ExpressionKind::Invalid`](super::ExpressionKind).
    pub body: Body,
    /// All errors.
    pub found: Diagnostics,
}

impl Parsed {
    /// Returns the body if there are no errors.
    pub fn whole(self) -> Result<Body, Diagnostics> {
        self.found.or(self.body)
    }
}

/// Parses a file of arguments and blocks; returns all errors together with the readable parts.
#[must_use]
pub fn parse(sources: &Sources, file: FileId) -> Parsed {
    structure::read(Expressions { text: sources.file(file).text(), file, keys: Keys::Plain })
}

/// As [`parse`], for laying a file out: Terraform refuses the key of `{ a.b = 1 }` where it evaluates it, not where it
/// reads it.
#[must_use]
pub fn parse_for_layout(sources: &Sources, file: FileId) -> Parsed {
    structure::read(Expressions { text: sources.file(file).text(), file, keys: Keys::Any })
}

/// Parses a file that is one expression, such as a line typed in the console.
pub fn parse_expression(sources: &Sources, file: FileId) -> Result<Expression, Diagnostics> {
    let text = sources.file(file).text();
    let mut lexer = Lexer::new(text, file, 0..text.len());
    let mut range: Option<Range<usize>> = None;
    loop {
        let lexeme = lexer.next().map_err(|error| *error)?;
        match lexeme.token {
            Token::End => break,
            Token::Newline => {}
            _ => range = Some(range.map_or(lexeme.range.start, |range| range.start)..lexeme.range.end),
        }
    }
    Expressions { text, file, keys: Keys::Plain }.expression(range.unwrap_or(0..0))
}

/// Parses a file that is a template, as for `templatefile`.
pub fn parse_template(sources: &Sources, file: FileId) -> Result<Expression, Diagnostics> {
    let text = sources.file(file).text();
    let expressions = Expressions { text, file, keys: Keys::Plain };
    expressions.check_size(&(0..text.len())).map_err(|error| *error)?;
    let tree = parser::template(text, file).map_err(|failure| match failure {
        Failure::Said(error) => *error,
        Failure::Unexpected(at) => check::template(text, file).unwrap_or_else(|| expressions.unexpected(at)),
    })?;
    expressions.accept(tree)
}

/// The allowed keys of an object.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Keys {
    /// Those that mean one thing: a name, a text, or an expression in parentheses.
    Plain,
    /// Any that can be read.
    Any,
}

/// Parses the expressions of one file.
#[derive(Clone, Copy)]
pub(super) struct Expressions<'a> {
    pub text: &'a str,
    pub file: FileId,
    pub keys: Keys,
}

impl Expressions<'_> {
    /// Parses the expression in `range`, whose brackets and quotes must match.
    pub fn expression(&self, range: Range<usize>) -> Result<Expression, Diagnostics> {
        self.check_size(&range).map_err(|error| *error)?;
        let tree =
            parser::expression(self.text, self.file, range.clone()).map_err(|failure| match failure {
                Failure::Said(error) => *error,
                Failure::Unexpected(at) => {
                    check::expression(self.text, self.file, &range).unwrap_or_else(|| self.unexpected(at))
                }
            })?;
        self.accept(tree)
    }

    /// The tree, unless its keys are not allowed.
    fn accept(&self, tree: Tree) -> Result<Expression, Diagnostics> {
        if self.keys == Keys::Any { Ok(tree.expression) } else { tree.ambiguous.or(tree.expression) }
    }

    /// Parses the text between the quotes of a block label.
    pub fn plain_text(&self, range: Range<usize>) -> Result<Arc<str>, Diagnostics> {
        let text = quoted_text(self.text, self.file, range).map_err(|error| *error)?;
        Ok(normal(&text))
    }

    fn check_size(&self, range: &Range<usize>) -> Result<(), Box<Diagnostic>> {
        if range.len() <= MAX_EXPRESSION {
            return Ok(());
        }
        let help = "keep large data in a file and read it with `file(\"data.txt\")` or `jsondecode(file(\"data.json\"))`";
        Err(Box::new(
            Diagnostic::error("expression-too-large", "an expression is larger than 1 MiB")
                .at(Span::new(self.file, range.start..range.start), "it starts here")
                .help(help),
        ))
    }

    /// Returns the general error, for rare mistakes that the check cannot explain.
    fn unexpected(&self, at: Range<usize>) -> Diagnostic {
        Diagnostic::error("invalid-expression", "this expression cannot be read")
            .at(Span::new(self.file, at), "unexpected token")
            .help("check the brackets, quotes and operators before this place")
    }
}
