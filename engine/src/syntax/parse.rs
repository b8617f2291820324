//! The ways in.

use std::ops::Range;
use std::sync::Arc;

use super::lexer::{Lexer, Token};
use super::lower::{self, Lowering};
use super::structure;
use super::{Body, Expression};
use super::{check, large_number};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{FileId, Sources, Span};

/// The largest expression: `hcl-edit` needs about 75 times its size.
const MAX_EXPRESSION: usize = 1 << 20;

/// Reads a file of arguments and blocks; every error found in it in one go.
pub fn parse(sources: &Sources, file: FileId) -> Result<Body, Diagnostics> {
    structure::read(Expressions { text: sources.file(file).text(), file })
}

/// Reads a file that is one expression, such as a line typed in the console.
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
    Expressions { text, file }.expression(range.unwrap_or(0..0))
}

/// Reads a file that is a template, as `templatefile` takes it.
pub fn parse_template(sources: &Sources, file: FileId) -> Result<Expression, Diagnostics> {
    let text = sources.file(file).text();
    let expressions = Expressions { text, file };
    expressions.check_size(&(0..text.len())).map_err(|error| *error)?;
    let mut lexer = Lexer::template(text, file);
    while lexer.next().map_err(|error| *error)?.token != Token::End {}
    let template = hcl_edit::parser::parse_template(text).map_err(|error| {
        check::template(text, file).unwrap_or_else(|| expressions.untranslated(&error, &(0..text.len())))
    })?;
    let lowering = Lowering { text, file, base: 0 };
    Ok(lowering.document(&template).map_err(|error| *error)?)
}

/// Reads the expressions of one file.
#[derive(Clone, Copy)]
pub(super) struct Expressions<'a> {
    pub text: &'a str,
    pub file: FileId,
}

impl Expressions<'_> {
    /// The expression that `range` holds; brackets and quotes in it are known to match.
    pub fn expression(&self, range: Range<usize>) -> Result<Expression, Diagnostics> {
        self.check_size(&range).map_err(|error| *error)?;
        let base = range.start;
        let text = &self.text[range.clone()];
        let parsed = hcl_edit::parser::parse_expr(text).or_else(|error| {
            let masked = large_number::mask(self.text, self.file, &range);
            masked.map_or(Err(error), |masked| hcl_edit::parser::parse_expr(&masked))
        });
        let expression = parsed.map_err(|error| {
            check::expression(self.text, self.file, &range)
                .unwrap_or_else(|| self.untranslated(&error, &range))
        })?;
        let lowering = Lowering { text: self.text, file: self.file, base };
        Ok(lowering.expression(&expression).map_err(|error| *error)?)
    }

    /// The text between the quotes of a block label.
    pub fn plain_text(&self, range: Range<usize>) -> Result<Arc<str>, Diagnostics> {
        let lowering = Lowering { text: self.text, file: self.file, base: 0 };
        let text = lowering.quoted_text(range).map_err(|error| *error)?;
        Ok(lower::normal(&text))
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

    /// What `hcl-edit` says, where our own check finds nothing wrong: its limits, and the rarest slips.
    fn untranslated(&self, error: &hcl_edit::parser::Error, range: &Range<usize>) -> Diagnostic {
        let at = (range.start + error.location().offset()).min(range.end);
        let rest = &self.text[at..range.end];
        let length = rest.chars().next().map_or(0, char::len_utf8);
        let here = Span::new(self.file, at..at + length);
        let message = error.message();
        if message.contains("nested levels") {
            return Diagnostic::error("nesting-too-deep", "nested more than 64 levels deep")
                .at(here, "one level too many")
                .detail("Each bracket, conditional and sign before an operand counts as a level.")
                .help("give the inner part a name in `locals` and refer to it");
        }
        if message.contains("binary operators") {
            return Diagnostic::error("too-many-operators", "more than 128 operators in a row")
                .at(here, "one operator too many")
                .help(
                    "use a list with `join`, `sum`, `alltrue` or `anytrue`, or name parts of it in `locals`",
                );
        }
        if message.contains("redefined object key") {
            return Diagnostic::error("duplicate-key", "a key is set twice in one object")
                .at(here, "set again here")
                .help("keep one of the two");
        }
        Diagnostic::error("invalid-expression", "this expression cannot be read")
            .at(here, format!("here: {message}"))
            .help("check the brackets, quotes and operators before this place")
    }
}
