//! Parses templates: into a flat list of pieces, in which whitespace is trimmed, and then into a tree.

use super::collection::Loop;
use super::text::{quoted_text, unquoted};
use super::{Failure, LEVEL, MAX_DEPTH, Parsed, Parser, Part, normal, too_deep, whitespace};
use crate::source::Span;
use crate::syntax::lexer::Token;
use crate::syntax::{ExpressionKind, Template, TemplateFor, TemplateIf, TemplatePart};
use crate::value::Value;

/// A template element, or the start, middle or end of a directive.
pub(super) struct Piece {
    pub content: Content,
    /// True if `~` trims the text before it.
    pub trims_before: bool,
    /// True if `~` trims the text after it.
    pub trims_after: bool,
    span: Span,
}

pub(super) enum Content {
    /// A line of text, or in a quoted string all text up to the next element.
    Text(String),
    Interpolation(Part),
    If(Part),
    Else,
    EndIf,
    For(Loop),
    EndFor,
}

/// The end of the current list of parts.
#[derive(Clone, Copy, PartialEq)]
enum Ends {
    /// The end of the template.
    Nowhere,
    /// `%{ else }` or `%{ endif }`.
    Then,
    /// `%{ endif }`.
    Otherwise,
    /// `%{ endfor }`.
    Body,
}

impl Parser<'_> {
    pub(super) fn quoted(&mut self) -> Parsed {
        self.delimited(Token::QuoteClose, true, false)
    }

    pub(super) fn heredoc(&mut self) -> Parsed {
        let indented = self.written().starts_with("<<-");
        self.delimited(Token::HeredocClose, false, indented)
    }

    /// Parses a template that is a whole file.
    pub(super) fn document(&mut self) -> Parsed {
        let span = self.span(0..self.text.len());
        let pieces = self.pieces(Token::End, false)?;
        build(pieces, false, span)
    }

    fn delimited(&mut self, close: Token, is_quoted: bool, indented: bool) -> Parsed {
        let start = self.token.range.start;
        self.advance()?;
        let pieces = self.pieces(close, is_quoted)?;
        self.advance()?;
        build(pieces, indented, self.span_from(start))
    }

    /// Parses the pieces up to the token `close`, which is not consumed.
    fn pieces(&mut self, close: Token, is_quoted: bool) -> Parsed<Vec<Piece>> {
        let mut pieces = Vec::new();
        while self.token.token != close {
            let range = self.token.range.clone();
            let span = self.span(range.clone());
            let piece = match self.token.token {
                Token::Text => {
                    let text = if is_quoted {
                        quoted_text(self.text, self.file, range)?
                    } else {
                        unquoted(self.written())
                    };
                    self.advance()?;
                    Piece { content: Content::Text(text), trims_before: false, trims_after: false, span }
                }
                Token::Interpolation => {
                    self.element(|parser| Ok(Content::Interpolation(parser.expression()?)))?
                }
                Token::Directive => self.element(Self::directive)?,
                _ => return self.unexpected(),
            };
            pieces.push(piece);
        }
        Ok(pieces)
    }

    /// Parses `${ … }` or `%{ … }`.
    fn element(&mut self, inside: impl FnOnce(&mut Self) -> Parsed<Content>) -> Parsed<Piece> {
        let outside = std::mem::replace(&mut self.ignores_newlines, true);
        let start = self.token.range.start;
        let trims_before = self.written().ends_with('~');
        self.advance()?;
        let content = inside(self)?;
        self.expect_token(Token::TemplateEnd)?;
        let trims_after = self.written().starts_with('~');
        self.ignores_newlines = outside;
        self.advance()?;
        Ok(Piece { content, trims_before, trims_after, span: self.span_from(start) })
    }

    fn directive(&mut self) -> Parsed<Content> {
        self.expect_token(Token::Identifier)?;
        let content = match self.written() {
            "for" => return Ok(Content::For(self.loop_head()?)),
            "if" => {
                self.advance()?;
                return Ok(Content::If(self.expression()?));
            }
            "else" => Content::Else,
            "endif" => Content::EndIf,
            "endfor" => Content::EndFor,
            _ => return self.unexpected(),
        };
        self.advance()?;
        Ok(content)
    }
}

fn build(mut pieces: Vec<Piece>, indented: bool, span: Span) -> Parsed {
    if matches!(pieces.as_slice(), [Piece { content: Content::Interpolation(_), .. }])
        && let Some(Piece { content: Content::Interpolation(inner), .. }) = pieces.pop()
    {
        return Parser::node(ExpressionKind::Wrap(Box::new(inner.expression)), span, inner.height);
    }
    whitespace::trim(&mut pieces);
    if indented {
        whitespace::dedent(&mut pieces);
    }
    let mut reader = Reader { pieces: pieces.into_iter(), height: 0, depth: 0, else_follows: false };
    let template = reader.parts(Ends::Nowhere)?;
    let kind = match template.parts.as_slice() {
        [] => ExpressionKind::Literal(Value::string("")),
        [TemplatePart::Text(text)] => ExpressionKind::Literal(Value::string(text.clone())),
        _ => ExpressionKind::Template(template),
    };
    Parser::node(kind, span, reader.height)
}

/// Builds a tree from the pieces.
struct Reader {
    pieces: std::vec::IntoIter<Piece>,
    /// The height of the highest part, including the directives around it.
    height: usize,
    depth: usize,
    /// True if an `else` ended the last list of parts.
    else_follows: bool,
}

impl Reader {
    fn parts(&mut self, ends: Ends) -> Parsed<Template> {
        let mut parts = Vec::new();
        let mut text = String::new();
        while let Some(piece) = self.pieces.next() {
            if let Content::Text(more) = &piece.content {
                text.push_str(more);
                continue;
            }
            push_text(&mut parts, &mut text);
            match (piece.content, ends) {
                (Content::Interpolation(inner), _) => {
                    self.reach(&inner);
                    parts.push(TemplatePart::Interpolation(inner.expression));
                }
                (Content::If(condition), _) => parts.push(self.choice(condition, piece.span)?),
                (Content::For(each), _) => parts.push(self.repeat(each, piece.span)?),
                (Content::Else, Ends::Then) => {
                    self.else_follows = true;
                    return Ok(Template { parts });
                }
                (Content::EndIf, Ends::Then | Ends::Otherwise) | (Content::EndFor, Ends::Body) => {
                    self.else_follows = false;
                    return Ok(Template { parts });
                }
                _ => return Err(Failure::Unexpected(piece.span.range())),
            }
        }
        push_text(&mut parts, &mut text);
        // The directive is unclosed; the message is about its beginning.
        if ends == Ends::Nowhere { Ok(Template { parts }) } else { Err(Failure::Unexpected(0..0)) }
    }

    fn reach(&mut self, part: &Part) {
        self.height = self.height.max(self.depth * LEVEL + part.height);
    }

    fn inner(&mut self, ends: Ends, at: Span) -> Parsed<Template> {
        if self.depth >= MAX_DEPTH {
            return Err(too_deep(at).into());
        }
        self.depth += 1;
        self.height = self.height.max(self.depth * LEVEL);
        let template = self.parts(ends);
        self.depth -= 1;
        template
    }

    fn choice(&mut self, condition: Part, at: Span) -> Parsed<TemplatePart> {
        self.reach(&condition);
        let then = self.inner(Ends::Then, at)?;
        let otherwise =
            if self.else_follows { self.inner(Ends::Otherwise, at)? } else { Template { parts: Vec::new() } };
        Ok(TemplatePart::If(Box::new(TemplateIf { condition: condition.expression, then, otherwise })))
    }

    fn repeat(&mut self, each: Loop, at: Span) -> Parsed<TemplatePart> {
        self.reach(&each.collection);
        let body = self.inner(Ends::Body, at)?;
        Ok(TemplatePart::For(Box::new(TemplateFor {
            key_name: each.key_name,
            value_name: each.value_name,
            collection: each.collection.expression,
            body,
        })))
    }
}

fn push_text(parts: &mut Vec<TemplatePart>, text: &mut String) {
    if !text.is_empty() {
        parts.push(TemplatePart::Text(normal(text)));
        text.clear();
    }
}
