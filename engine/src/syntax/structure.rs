//! Finds the arguments and blocks of a body, and goes on after a bad one.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::lexer::{Lexeme, Lexer, Token, is_identifier_part, is_identifier_start};
use super::parse::Expressions;
use super::{Attribute, Block, Body};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{Span, Spanned};

/// After this many errors a file is read no further.
const MAX_ERRORS: usize = 50;

/// Reads the body of a whole file, all the errors in it at once.
pub(super) fn read(expressions: Expressions<'_>) -> Result<Body, Diagnostics> {
    let text = expressions.text;
    let lexer = Lexer::new(text, expressions.file, 0..text.len());
    let mut reader = Reader { lexer, expressions, found: Diagnostics::new(), level: 0 };
    let body = reader.file();
    reader.found.or(body)
}

/// The text can no longer be followed, such as after a bracket that is never closed; the reason has been reported.
struct Lost;

/// What was read of a body.
#[derive(PartialEq)]
enum Read {
    LineBreak,
    Item,
    End,
}

struct Reader<'a> {
    lexer: Lexer<'a>,
    expressions: Expressions<'a>,
    found: Diagnostics,
    /// How many blocks are open.
    level: usize,
}

type Names = HashMap<Arc<str>, Span>;

impl Reader<'_> {
    fn file(&mut self) -> Body {
        let span = self.lexer.span(0..self.expressions.text.len());
        let mut body = Body { attributes: Vec::new(), blocks: Vec::new(), span };
        let mut names = Names::new();
        let mut item = 0;
        let mut reread = 0;
        loop {
            match self.item(&mut body, &mut names, &mut item).and_then(|read| self.end_of_item(read, false)) {
                Ok(Read::End) => return body,
                Ok(_) => {}
                Err(Lost) if self.found.iter().count() >= MAX_ERRORS => return body,
                Err(Lost) => match next_item(self.expressions.text, item) {
                    // What is never closed is found out at the end of the file; this must not happen for each line of it.
                    Some(at) if reread <= 4 * self.expressions.text.len() => {
                        reread += self.lexer.position().saturating_sub(at);
                        self.lexer.resume(at);
                        self.level = 0;
                    }
                    _ => return body,
                },
            }
        }
    }

    fn next(&mut self) -> Result<Lexeme, Lost> {
        let lexed = self.lexer.next();
        lexed.map_err(|error| self.lost(*error))
    }

    fn peek(&mut self) -> Result<Lexeme, Lost> {
        let lexed = self.lexer.peek();
        lexed.map_err(|error| self.lost(*error))
    }

    fn lost(&mut self, error: Diagnostic) -> Lost {
        self.found.push(error);
        Lost
    }

    /// Reads one argument or block into `body`. `start` becomes where the item began.
    fn item(&mut self, body: &mut Body, names: &mut Names, start: &mut usize) -> Result<Read, Lost> {
        if self.found.iter().count() >= MAX_ERRORS {
            return Err(Lost);
        }
        let first = self.next()?;
        match first.token {
            Token::Newline => return Ok(Read::LineBreak),
            Token::End | Token::Close => return Ok(Read::End),
            _ => *start = first.range.start,
        }
        if first.token != Token::Identifier {
            let error = self.not_a_name(&first);
            self.found.push(error);
            // What was read may be the opening of a quote or a bracket, which goes with its line.
            self.extent()?;
            return Ok(Read::Item);
        }
        let second = self.peek()?;
        match (second.token, self.lexer.slice(&second)) {
            (Token::Operator, "=") => {
                self.next()?;
                self.attribute(&first, body, names)?;
            }
            (Token::Identifier | Token::QuoteOpen, _) | (Token::Open, "{") => {
                if let Some(block) = self.block(&first)? {
                    body.blocks.push(block);
                }
            }
            _ => {
                let error = self.neither(&first, &second);
                self.found.push(error);
                self.extent()?;
            }
        }
        Ok(Read::Item)
    }

    fn attribute(&mut self, name: &Lexeme, body: &mut Body, names: &mut Names) -> Result<(), Lost> {
        let range = self.extent()?;
        let span = self.lexer.span(name.range.start..range.end);
        let name = self.name(name);
        if let Some(first) = names.insert(name.value.clone(), name.span) {
            self.found.push(
                Diagnostic::error("duplicate-argument", format!("`{}` is set twice", name.value))
                    .at(name.span, "set again here")
                    .also(first, "first set here")
                    .help("keep one of the two"),
            );
        }
        if let Some(expression) = self.found.take(self.expressions.expression(range)) {
            body.attributes.push(Attribute { name, expression, span });
        }
        Ok(())
    }

    /// The bytes of the expression that follows: up to the end of the line, or of a block on one line.
    fn extent(&mut self) -> Result<Range<usize>, Lost> {
        let mut range: Option<Range<usize>> = None;
        loop {
            let lexeme = self.peek()?;
            let at_end = match lexeme.token {
                Token::Newline | Token::End => true,
                Token::Close => self.lexer.slice(&lexeme) == "}",
                _ => false,
            };
            if at_end && (self.lexer.depth() == self.level || lexeme.token == Token::End) {
                return Ok(range.unwrap_or(lexeme.range.start..lexeme.range.start));
            }
            let lexeme = self.next()?;
            range = Some(range.map_or(lexeme.range.start, |range| range.start)..lexeme.range.end);
        }
    }

    fn block(&mut self, kind: &Lexeme) -> Result<Option<Block>, Lost> {
        let mut labels = Vec::new();
        let mut header = kind.range.clone();
        loop {
            let next = self.peek()?;
            if next.token == Token::Close {
                // It closes the block that this one is in.
                let error = self.no_brace(&header, &next);
                self.found.push(error);
                return Ok(None);
            }
            let lexeme = self.next()?;
            match lexeme.token {
                Token::Identifier => labels.push(self.name(&lexeme)),
                Token::QuoteOpen => {
                    let Some(label) = self.label(lexeme.range.start)? else {
                        self.extent()?;
                        return Ok(None);
                    };
                    labels.push(label);
                }
                Token::Open if self.lexer.slice(&lexeme) == "{" => {
                    let body = self.block_body(lexeme.range.start)?;
                    let kind = self.name(kind);
                    let span = kind.span.to(body.span);
                    return Ok(Some(Block { kind, labels, body, header: self.lexer.span(header), span }));
                }
                _ => {
                    let error = self.no_brace(&header, &lexeme);
                    self.found.push(error);
                    if lexeme.token == Token::Newline {
                        let next = self.peek()?;
                        if next.token == Token::Open && self.lexer.slice(&next) == "{" {
                            continue;
                        }
                        self.lexer.resume_line(lexeme.range.start);
                    }
                    self.extent()?;
                    return Ok(None);
                }
            }
            header.end = labels.last().map_or(header.end, |label: &Spanned<_>| label.span.range().end);
        }
    }

    /// A quoted label whose quote has been read; none when it is not plain text, which has been reported.
    fn label(&mut self, start: usize) -> Result<Option<Spanned<Arc<str>>>, Lost> {
        loop {
            let lexeme = self.next()?;
            match lexeme.token {
                Token::Text => {}
                Token::QuoteClose => {
                    let range = start..lexeme.range.end;
                    let text = self.expressions.plain_text(start + 1..lexeme.range.start);
                    return Ok(self.found.take(text).map(|text| Spanned::new(text, self.lexer.span(range))));
                }
                _ => {
                    self.found.push(
                        Diagnostic::error("invalid-label", "a block label must be plain text")
                            .at(self.lexer.span(lexeme.range), "no interpolation is allowed here")
                            .help("write the name out; use `for_each` to make several of a block"),
                    );
                    return Ok(None);
                }
            }
        }
    }

    fn block_body(&mut self, open: usize) -> Result<Body, Lost> {
        let span = self.lexer.span(open..open + 1);
        let mut body = Body { attributes: Vec::new(), blocks: Vec::new(), span };
        let mut names = Names::new();
        let mut start = open;
        self.level += 1;
        let one_line = self.peek()?.token != Token::Newline;
        loop {
            let errors = self.found.iter().count();
            let read = self.item(&mut body, &mut names, &mut start)?;
            if read == Read::Item && !one_line && self.found.iter().count() == errors {
                self.line_before_brace()?;
            }
            if self.end_of_item(read, one_line)? == Read::End {
                break;
            }
        }
        self.level -= 1;
        let end = self.lexer.position();
        body.span = self.lexer.span(open..end);
        if one_line && !body.blocks.is_empty() {
            self.found.push(
                Diagnostic::error("invalid-block", "a block on one line may not hold another block")
                    .at(body.blocks[0].header, "this block")
                    .help("put each argument and block on a line of its own"),
            );
        }
        Ok(body)
    }

    /// In a block of several lines the brace does not follow an item on its line.
    fn line_before_brace(&mut self) -> Result<(), Lost> {
        let lexeme = self.peek()?;
        if lexeme.token == Token::Close {
            self.found.push(
                Diagnostic::error("missing-newline", "the brace that ends a block stands on its own line")
                    .at(self.lexer.span(lexeme.range), "expected a line break before this")
                    .help("begin a new line before `}`, or put the whole block on one line"),
            );
        }
        Ok(())
    }

    /// After an item comes a line break or the end of the body.
    fn end_of_item(&mut self, read: Read, one_line: bool) -> Result<Read, Lost> {
        if read != Read::Item {
            return Ok(read);
        }
        let lexeme = self.peek()?;
        match lexeme.token {
            Token::Newline if one_line => {
                let span = self.lexer.span(lexeme.range);
                self.found.push(
                    Diagnostic::error("invalid-block", "a block that begins on one line must end on it")
                        .at(span, "expected `}` here")
                        .help("start a new line after `{`"),
                );
            }
            Token::Newline | Token::Close | Token::End => {}
            _ => {
                let error = self.no_newline(&lexeme);
                self.found.push(error);
                self.extent()?;
            }
        }
        Ok(read)
    }

    fn name(&self, lexeme: &Lexeme) -> Spanned<Arc<str>> {
        Spanned::new(super::parser::normal(self.lexer.slice(lexeme)), self.lexer.span(lexeme.range.clone()))
    }

    fn not_a_name(&self, lexeme: &Lexeme) -> Diagnostic {
        let written = self.lexer.slice(lexeme);
        let span = self.lexer.span(lexeme.range.clone());
        let error = Diagnostic::error("invalid-name", "expected the name of an argument or of a block");
        match lexeme.token {
            Token::QuoteOpen => error
                .at(span, "a quoted text cannot stand here")
                .help("write the name without quotes: `name = value`"),
            Token::Number => {
                error.at(span, "a name cannot begin with a digit").help("begin it with a letter or `_`")
            }
            Token::Unknown if written == ";" => {
                error.at(span, "`;` is not used").help("end each argument with a line break")
            }
            _ => error
                .at(span, format!("found `{written}`"))
                .help("write `name = value`, or a block: `name { … }`"),
        }
    }

    fn neither(&self, first: &Lexeme, second: &Lexeme) -> Diagnostic {
        let name = self.lexer.slice(first);
        let found = self.lexer.slice(second);
        let error =
            Diagnostic::error("invalid-argument", format!("`{name}` is neither an argument nor a block"));
        let after = self.lexer.span(first.range.end..first.range.end);
        let here = self.lexer.span(second.range.clone());
        let write = format!("write `{name} = value`, or `{name} {{` to begin a block");
        match (second.token, found) {
            (Token::Newline | Token::End, _) => error.at(after, "expected `=` or `{` here").help(write),
            (Token::Operator, ":") => {
                error.at(here, "`:` does not set an argument").help(format!("write `{name} = …`"))
            }
            (Token::Operator, "==") => {
                error.at(here, "`==` compares, it does not set").help(format!("write `{name} = …`"))
            }
            (Token::Operator, ".") | (Token::Open, "[") => error
                .at(here, "a name that is set is one word")
                .help("to set one part of an object, write the whole object"),
            _ => error.at(here, "expected `=` or `{` here").help(write),
        }
    }

    fn no_brace(&self, header: &Range<usize>, lexeme: &Lexeme) -> Diagnostic {
        let header = self.lexer.span(header.clone());
        let error = Diagnostic::error("invalid-block", "a block header without its `{`");
        match (lexeme.token, self.lexer.slice(lexeme)) {
            (Token::Newline | Token::End, _) => error
                .at(header, "expected `{` at the end of this line")
                .help("put `{` on the same line as the block's name and labels"),
            (Token::Operator, "=") => error
                .at(self.lexer.span(lexeme.range.clone()), "labels are followed by `{`, not by `=`")
                .help("remove the `=` for a block, or write `name = value` for an argument"),
            _ => error
                .at(self.lexer.span(lexeme.range.clone()), "expected a label or `{` here")
                .also(header, "for this block")
                .help("labels are names or quoted texts: `step \"echo\" \"hello\" {`"),
        }
    }

    fn no_newline(&self, lexeme: &Lexeme) -> Diagnostic {
        Diagnostic::error("missing-newline", "two items on one line")
            .at(self.lexer.span(lexeme.range.clone()), "expected a line break before this")
            .help("put each argument and each block on a line of its own")
    }
}

/// Where the next line after `from` begins an item at its first column.
fn next_item(text: &str, from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        at += text[at..].find('\n')? + 1;
        let line = text[at..].lines().next().unwrap_or_default();
        let rest = line.trim_start_matches(is_identifier_part).trim_start_matches(' ');
        let begins = line.starts_with(is_identifier_start) && !rest.is_empty();
        if begins && (rest.starts_with(['=', '"', '{']) || rest.starts_with(is_identifier_start)) {
            return Some(at);
        }
    }
}
