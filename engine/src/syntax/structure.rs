//! Finds the arguments and blocks of a body, and recovers from invalid ones.

mod messages;
mod recover;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use recover::{Cause, Lost, Search, cut, has_body, indentation, note_gap};

use super::lexer::{Lexeme, Lexer, Token};
use super::parse::{Expressions, Parsed};
use super::{Attribute, Block, Body, Expression, ExpressionKind};
use crate::diagnostic::{Diagnostic, Diagnostics, Label};
use crate::source::{Span, Spanned};

/// The number of errors after which reading stops.
const MAX_ERRORS: usize = 50;

/// Reads the body of a whole file, with all its errors.
pub(super) fn read(expressions: Expressions<'_>) -> Parsed {
    let text = expressions.text;
    let lexer = Lexer::new(text, expressions.file, 0..text.len());
    let mut reader = Reader { lexer, expressions, found: Diagnostics::new(), level: 0, reread: 0 };
    let body = reader.file();
    // Text that was read twice was reported twice.
    reader.found.tidy();
    Parsed { body, found: reader.found }
}

/// The result of reading an item of a body.
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
    /// The number of open blocks.
    level: usize,
    /// The number of bytes read more than once.
    reread: usize,
}

type Names = HashMap<Arc<str>, Span>;

impl Reader<'_> {
    fn file(&mut self) -> Body {
        let mut body = Body::new(self.lexer.span(0..self.expressions.text.len()));
        // The rest of an unrecoverable file is recorded as a gap.
        drop(self.items(&mut body, None, false));
        body
    }

    /// Reads `body` to its end; `outside` is the indentation of the header of its block.
    fn items(&mut self, body: &mut Body, outside: Option<usize>, one_line: bool) -> Result<(), Lost> {
        let level = self.level;
        let mut names = Names::new();
        let mut start = body.span.range().start;
        loop {
            let errors = self.found.iter().count();
            let read = match self.item(body, &mut names, &mut start) {
                Ok(Read::Item) if outside.is_some() && !one_line && self.found.iter().count() == errors => {
                    self.line_before_brace().map(|()| Read::Item)
                }
                read => read,
            };
            match read.and_then(|read| self.end_of_item(body, read, one_line)) {
                Ok(Read::End) => return Ok(()),
                Ok(_) => {}
                Err(mut lost) => {
                    let from = *lost.from.get_or_insert(start);
                    let search = Search { text: self.expressions.text, item: start, outside };
                    let next = if one_line || self.has_enough() { None } else { search.next(&lost) };
                    let Some(at) = next.filter(|&at| self.may_reread(at)) else {
                        // The position at which reading resumes determines the gap.
                        if outside.is_none() {
                            note_gap(body, self.lexer.span(from..self.expressions.text.len()));
                        }
                        return Err(lost);
                    };
                    if lost.cause == Cause::Brace {
                        self.suspect_brace(at);
                    }
                    cut(body, at);
                    note_gap(body, self.lexer.span(from.min(at)..at));
                    self.level = level;
                    self.lexer.resume(at, level);
                }
            }
        }
    }

    /// Adds to the message about an unclosed block that the item at `at` is not meant to be in it.
    fn suspect_brace(&mut self, at: usize) {
        let length = self.expressions.text[at..]
            .lines()
            .next()
            .map_or(0, |line| line.trim_end_matches([' ', '{']).len());
        let place = self.lexer.span(at..at + length);
        if let Some(error) = self.found.last_mut() {
            let text = "is a `}` missing before this?".to_owned();
            error.secondary.push(Label { span: place, text, is_reason: false });
        }
    }

    fn has_enough(&self) -> bool {
        self.found.iter().count() >= MAX_ERRORS
    }

    /// Limits reading again: an unclosed bracket is found only at the end of the file, which must not happen
    /// for each line.
    fn may_reread(&mut self, at: usize) -> bool {
        self.reread += self.lexer.position().saturating_sub(at);
        self.reread <= 4 * self.expressions.text.len()
    }

    fn next(&mut self) -> Result<Lexeme, Lost> {
        let lexed = self.lexer.next();
        lexed.map_err(|error| self.lost(*error))
    }

    fn peek(&mut self) -> Result<Lexeme, Lost> {
        // The message may be about any open bracket, which only the lexer itself knows.
        self.lexer.peek().or_else(|_| self.next())
    }

    fn lost(&mut self, error: Diagnostic) -> Lost {
        let cause = match error.code {
            "unclosed-heredoc" | "unclosed-comment" => Cause::Text,
            "unclosed-bracket" if self.lexer.depth() == self.level => Cause::Brace,
            _ => Cause::Item,
        };
        self.found.push(error);
        Lost { cause, from: None }
    }

    /// Reads one argument or block into `body`. Sets `start` to the beginning of the item.
    fn item(&mut self, body: &mut Body, names: &mut Names, start: &mut usize) -> Result<Read, Lost> {
        if self.has_enough() {
            return Err(Lost { cause: Cause::Item, from: None });
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
            // The token may open a quote or a bracket, which is skipped with its line.
            self.skip(first.range.start, body)?;
            return Ok(Read::Item);
        }
        let second = self.peek()?;
        match (second.token, self.lexer.slice(&second)) {
            (Token::Operator, "=") => {
                self.next()?;
                self.attribute(&first, body, names)?;
            }
            (Token::Identifier | Token::QuoteOpen, _) | (Token::Open, "{") => {
                self.block(&first, body)?;
            }
            (Token::Operator, ":" | "==") => {
                let error = self.neither(&first, &second);
                self.found.push(error);
                self.next()?;
                if self.expressions.text[second.range.end..].starts_with('=') {
                    self.next()?;
                }
                self.attribute(&first, body, names)?;
            }
            _ => {
                let error = self.neither(&first, &second);
                self.found.push(error);
                self.skip(first.range.start, body)?;
            }
        }
        Ok(Read::Item)
    }

    /// Skips the rest of the line, from `start`.
    fn skip(&mut self, start: usize, body: &mut Body) -> Result<(), Lost> {
        let extent = self.extent()?;
        body.gaps.push(self.lexer.span(start..extent.end));
        Ok(())
    }

    fn attribute(&mut self, name: &Lexeme, body: &mut Body, names: &mut Names) -> Result<(), Lost> {
        let start = name.range.start;
        let begin = self.lexer.position();
        let name = self.name(name);
        if let Some(first) = names.insert(name.value.clone(), name.span) {
            self.found.push(
                Diagnostic::error("duplicate-argument", format!("`{}` is set twice", name.value))
                    .marked(name.span, "set again here")
                    .also(first, "first set here")
                    .help("keep one of the two"),
            );
        }
        let extent = self.extent();
        let range = extent.as_ref().map_or(begin..begin, Clone::clone);
        let span = self.lexer.span(start..range.end);
        let invalid = Expression { kind: ExpressionKind::Invalid, span: self.lexer.span(range.clone()) };
        let expression = match &extent {
            Ok(_) => self.found.take(self.expressions.expression(range)).unwrap_or(invalid),
            Err(_) => invalid,
        };
        body.attributes.push(Attribute { name, expression, span });
        extent.map(drop)
    }

    /// Returns the byte range of the next expression: up to the end of the line, or of a one-line block.
    fn extent(&mut self) -> Result<Range<usize>, Lost> {
        let mut range: Option<Range<usize>> = None;
        loop {
            let lexeme = self.peek()?;
            if lexeme.token == Token::Newline
                && self.lexer.depth() > self.level
                && let Some(error) = self.lexer.swallowed(lexeme.range.end)
            {
                return Err(self.lost(error));
            }
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

    fn block(&mut self, kind: &Lexeme, parent: &mut Body) -> Result<(), Lost> {
        let mut labels = Vec::new();
        let mut header = kind.range.clone();
        loop {
            let next = self.peek()?;
            if next.token == Token::Close {
                // The brace closes the parent block.
                let error = self.no_brace(&header, &next);
                self.found.push(error);
                parent.gaps.push(self.lexer.span(header));
                return Ok(());
            }
            let lexeme = self.next()?;
            match lexeme.token {
                Token::Identifier => labels.push(self.name(&lexeme)),
                Token::QuoteOpen => {
                    let Some(label) = self.label(lexeme.range.start)? else {
                        return self.skip(header.start, parent);
                    };
                    labels.push(label);
                }
                Token::Open if self.lexer.slice(&lexeme) == "{" => {
                    let mut body = Body::new(self.lexer.span(lexeme.range.clone()));
                    let outside = indentation(self.expressions.text, header.start);
                    let read = self.block_body(&mut body, outside);
                    self.push_block(kind, labels, header, body, parent);
                    return read;
                }
                _ => {
                    let error = self.no_brace(&header, &lexeme);
                    self.found.push(error);
                    let next = self.peek()?;
                    let is_brace = next.token == Token::Open && self.lexer.slice(&next) == "{";
                    if is_brace && (lexeme.token == Token::Newline || self.lexer.slice(&lexeme) == "=") {
                        continue;
                    }
                    if lexeme.token == Token::Newline {
                        if has_body(self.expressions.text, lexeme.range.start) {
                            self.lexer.suppose_open(header.clone());
                            self.lexer.resume_line(lexeme.range.start);
                            let mut body = Body::new(self.lexer.span(header.end..header.end));
                            let outside = indentation(self.expressions.text, header.start);
                            let read = self.block_body(&mut body, outside);
                            self.push_block(kind, labels, header, body, parent);
                            return read;
                        }
                        self.lexer.resume_line(lexeme.range.start);
                        if self.level == 0 {
                            let mut body = Body::new(self.lexer.span(header.end..header.end));
                            body.gaps.push(self.lexer.span(header.clone()));
                            self.push_block(kind, labels, header.clone(), body, parent);
                        }
                    }
                    return self.skip(header.start, parent);
                }
            }
            header.end = labels.last().map_or(header.end, |label: &Spanned<_>| label.span.range().end);
        }
    }

    fn push_block(
        &self,
        kind: &Lexeme,
        labels: Vec<Spanned<Arc<str>>>,
        header: Range<usize>,
        body: Body,
        parent: &mut Body,
    ) {
        let kind = self.name(kind);
        let span = kind.span.to(body.span);
        parent.blocks.push(Block { kind, labels, body, header: self.lexer.span(header), span });
    }

    /// Reads a label after its opening quote; none if it is not plain text, which is reported.
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

    fn block_body(&mut self, body: &mut Body, outside: usize) -> Result<(), Lost> {
        let open = body.span.range().start;
        let one_line = self.peek()?.token != Token::Newline;
        self.level += 1;
        let read = self.items(body, Some(outside), one_line);
        body.span = self.lexer.span(open..self.lexer.position());
        read?;
        self.level -= 1;
        if one_line && !body.blocks.is_empty() {
            self.found.push(
                Diagnostic::error("invalid-block", "a block on one line may not hold another block")
                    .marked(body.blocks[0].header, "this block")
                    .help("put each argument and block on a line of its own"),
            );
        }
        Ok(())
    }

    /// Checks that the brace of a multi-line block does not follow an item on its line.
    fn line_before_brace(&mut self) -> Result<(), Lost> {
        let lexeme = self.peek()?;
        if lexeme.token == Token::Close {
            self.found.push(
                Diagnostic::error("missing-newline", "the closing brace of a block must be on its own line")
                    .at(self.lexer.span(lexeme.range), "expected a line break before this")
                    .help("begin a new line before `}`, or put the whole block on one line"),
            );
        }
        Ok(())
    }

    /// Checks that a line break or the end of the body follows an item.
    fn end_of_item(&mut self, body: &mut Body, read: Read, one_line: bool) -> Result<Read, Lost> {
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
                self.skip(lexeme.range.start, body)?;
            }
        }
        Ok(read)
    }

    fn name(&self, lexeme: &Lexeme) -> Spanned<Arc<str>> {
        Spanned::new(super::parser::normal(self.lexer.slice(lexeme)), self.lexer.span(lexeme.range.clone()))
    }
}
