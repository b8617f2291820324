//! Lowers templates: to a flat row of pieces, over which spaces are trimmed, and back to a tree.

use hcl_edit::template::{self, Directive, Element, ForTemplateExpr, HeredocTemplate, StringTemplate, Strip};

use super::text::unquoted;
use super::{Lowered, Lowering, normal, whitespace};
use crate::source::Span;
use crate::syntax::{Expression, ExpressionKind, Template, TemplateFor, TemplateIf, TemplatePart};
use crate::value::Value;

/// A template element, or the start, middle or end of a directive.
pub(super) struct Piece<'n> {
    pub content: Content<'n>,
    /// Whether `~` trims the text before it.
    pub trims_before: bool,
    /// Whether `~` trims the text after it.
    pub trims_after: bool,
}

pub(super) enum Content<'n> {
    /// A line of text, or all the text up to the next element in a quoted string.
    Text(String),
    Interpolation(&'n hcl_edit::expr::Expression),
    If(&'n hcl_edit::expr::Expression),
    Else,
    EndIf,
    For(&'n ForTemplateExpr),
    EndFor,
}

impl<'n> Piece<'n> {
    fn new(content: Content<'n>, strip: Strip) -> Self {
        Self { content, trims_before: strip.strip_start(), trims_after: strip.strip_end() }
    }
}

impl Lowering<'_> {
    pub(super) fn quoted(&self, template: &StringTemplate, span: Span) -> Lowered<Expression> {
        let mut pieces = Vec::new();
        self.flatten(template, true, &mut pieces)?;
        self.build(pieces, false, span)
    }

    pub(super) fn heredoc(&self, heredoc: &HeredocTemplate, span: Span) -> Lowered<Expression> {
        let mut pieces = Vec::new();
        self.flatten(&heredoc.template, false, &mut pieces)?;
        let indented = self.text.get(span.range()).is_some_and(|text| text.starts_with("<<-"));
        self.build(pieces, indented, span)
    }

    /// Lowers a whole file that is a template.
    pub(in crate::syntax) fn document(&self, template: &template::Template) -> Lowered<Expression> {
        let span = Span::new(self.file, 0..self.text.len());
        let mut pieces = Vec::new();
        self.flatten(template, false, &mut pieces)?;
        self.build(pieces, false, span)
    }

    fn flatten<'n>(
        &self,
        template: &'n template::Template,
        quoted: bool,
        pieces: &mut Vec<Piece<'n>>,
    ) -> Lowered<()> {
        for element in template {
            match element {
                Element::Literal(literal) if quoted => {
                    let text = self.quoted_text(self.range(literal))?;
                    pieces.push(Piece::new(Content::Text(text), Strip::None));
                }
                Element::Literal(literal) => {
                    let lines = self.written(literal).split_inclusive('\n');
                    pieces.extend(lines.map(|line| Piece::new(Content::Text(unquoted(line)), Strip::None)));
                }
                Element::Interpolation(inner) => {
                    pieces.push(Piece::new(Content::Interpolation(&inner.expr), inner.strip));
                }
                Element::Directive(directive) => self.flatten_directive(directive, quoted, pieces)?,
            }
        }
        Ok(())
    }

    fn flatten_directive<'n>(
        &self,
        directive: &'n Directive,
        quoted: bool,
        pieces: &mut Vec<Piece<'n>>,
    ) -> Lowered<()> {
        match directive {
            Directive::If(choice) => {
                pieces.push(Piece::new(Content::If(&choice.if_expr.cond_expr), choice.if_expr.strip));
                self.flatten(&choice.if_expr.template, quoted, pieces)?;
                if let Some(otherwise) = &choice.else_expr {
                    pieces.push(Piece::new(Content::Else, otherwise.strip));
                    self.flatten(&otherwise.template, quoted, pieces)?;
                }
                pieces.push(Piece::new(Content::EndIf, choice.endif_expr.strip));
            }
            Directive::For(each) => {
                pieces.push(Piece::new(Content::For(&each.for_expr), each.for_expr.strip));
                self.flatten(&each.for_expr.template, quoted, pieces)?;
                pieces.push(Piece::new(Content::EndFor, each.endfor_expr.strip));
            }
        }
        Ok(())
    }

    fn build(&self, mut pieces: Vec<Piece<'_>>, indented: bool, span: Span) -> Lowered<Expression> {
        if let [Piece { content: Content::Interpolation(inner), .. }] = pieces.as_slice() {
            let inner = self.expression(inner)?;
            return Ok(Expression { kind: ExpressionKind::Wrap(Box::new(inner)), span });
        }
        whitespace::trim(&mut pieces);
        if indented {
            whitespace::dedent(&mut pieces);
        }
        let (template, _) = self.parts(&mut pieces.into_iter())?;
        let kind = match template.parts.as_slice() {
            [] => ExpressionKind::Literal(Value::string("")),
            [TemplatePart::Text(text)] => ExpressionKind::Literal(Value::string(text.clone())),
            _ => ExpressionKind::Template(template),
        };
        Ok(Expression { kind, span })
    }

    /// The parts up to the `else` or end of the directive that they stand in, and whether it was an `else`.
    fn parts<'n>(&self, pieces: &mut impl Iterator<Item = Piece<'n>>) -> Lowered<(Template, bool)> {
        let mut parts = Vec::new();
        let mut text = String::new();
        let mut ended_by_else = false;
        while let Some(piece) = pieces.next() {
            if let Content::Text(more) = &piece.content {
                text.push_str(more);
                continue;
            }
            push_text(&mut parts, &mut text);
            match piece.content {
                Content::Text(_) => {}
                Content::Interpolation(inner) => {
                    parts.push(TemplatePart::Interpolation(self.expression(inner)?));
                }
                Content::If(condition) => {
                    let condition = self.expression(condition)?;
                    let (then, has_else) = self.parts(pieces)?;
                    let otherwise =
                        if has_else { self.parts(pieces)?.0 } else { Template { parts: Vec::new() } };
                    parts.push(TemplatePart::If(Box::new(TemplateIf { condition, then, otherwise })));
                }
                Content::For(each) => {
                    let collection = self.expression(&each.collection_expr)?;
                    let (body, _) = self.parts(pieces)?;
                    parts.push(TemplatePart::For(Box::new(TemplateFor {
                        key_name: each.key_var.as_ref().map(|name| self.name(name)),
                        value_name: self.name(&each.value_var),
                        collection,
                        body,
                    })));
                }
                Content::Else => {
                    ended_by_else = true;
                    break;
                }
                Content::EndIf | Content::EndFor => break,
            }
        }
        push_text(&mut parts, &mut text);
        Ok((Template { parts }, ended_by_else))
    }
}

fn push_text(parts: &mut Vec<TemplatePart>, text: &mut String) {
    if !text.is_empty() {
        parts.push(TemplatePart::Text(normal(text)));
        text.clear();
    }
}
