//! Parses the steps after a term: attributes, indexes and splats.

use super::{Parsed, Parser};
use crate::diagnostic::Diagnostic;
use crate::source::{Span, Spanned};
use crate::syntax::lexer::Token;
use crate::syntax::{Expression, ExpressionKind, Traversal, TraversalStep};

/// The maximum number of consecutive `[*]`, which nest.
const MAX_SPLATS: usize = 32;

/// A step as written; the steps that a splat applies still follow it.
enum Written {
    /// `.name`, `.0`.
    Plain(TraversalStep),
    /// `[key]`.
    Index(Expression),
    /// `[*]`.
    FullSplat,
    /// `.*`.
    AttributeSplat,
}

impl Parser<'_> {
    /// Parses a term and the steps after it.
    pub(super) fn traversal(&mut self) -> Parsed {
        let base = self.term()?;
        let start = base.expression.span.start as usize;
        let (mut steps, mut splats, mut height) = (Vec::new(), 0, base.height);
        let mut is_taken_by_splat = false;
        loop {
            let at = self.token.range.start;
            let step = if self.is_operator(".") {
                self.dot()?
            } else if self.is(Token::Open, "[") {
                self.index(&mut height)?
            } else {
                break;
            };
            // The span of an attribute is that of its name.
            let span = match &step {
                Written::Plain(TraversalStep::Attribute(_)) => self.span(self.end_of_last(at)),
                _ => self.span_from(at),
            };
            match step {
                Written::AttributeSplat if is_taken_by_splat => return Err(nested_splat(span).into()),
                Written::AttributeSplat => is_taken_by_splat = true,
                Written::Plain(_) => {}
                Written::Index(_) | Written::FullSplat => is_taken_by_splat = false,
            }
            splats += usize::from(matches!(step, Written::FullSplat));
            if splats > MAX_SPLATS {
                return Err(too_many_splats(span).into());
            }
            steps.push((step, span));
        }
        if steps.is_empty() {
            return Ok(base);
        }
        let traversal = Traversal { base: base.expression, steps: nested(steps) };
        Self::node(ExpressionKind::Traversal(Box::new(traversal)), self.span_from(start), height)
    }

    /// Returns the range of the name at the end of the text from `at`.
    fn end_of_last(&self, at: usize) -> std::ops::Range<usize> {
        let written = &self.text[at..self.end];
        let blank =
            written.rfind(|c: char| c == '.' || c.is_whitespace() || c == '/').map_or(0, |dot| dot + 1);
        at + blank..self.end
    }

    fn dot(&mut self) -> Parsed<Written> {
        self.advance()?;
        let step = match (self.token.token, self.written()) {
            (Token::Identifier, name) => Written::Plain(TraversalStep::Attribute(super::normal(name))),
            (Token::Operator, "*") => Written::AttributeSplat,
            (Token::Number, digits) => {
                Written::Plain(TraversalStep::Index(Box::new(self.legacy_index(digits)?)))
            }
            _ => return self.unexpected(),
        };
        self.advance()?;
        Ok(step)
    }

    /// Parses `x.0`; in `x.0.0` the lexer reads the two as one number.
    fn legacy_index(&self, digits: &str) -> Parsed<Expression> {
        let span = self.span(self.token.range.clone());
        if !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            let indices = digits.replace('.', "][");
            return Err(Box::new(
                Diagnostic::error("invalid-index", "an index after a dot must be one whole number")
                    .at(span, "this is another number")
                    .help(format!("write it in brackets: `[{indices}]`")),
            )
            .into());
        }
        let index = digits.parse::<i64>().unwrap_or(i64::MAX);
        Ok(Expression { kind: ExpressionKind::Literal(index.into()), span })
    }

    fn index(&mut self, height: &mut usize) -> Parsed<Written> {
        self.bracketed(true, "]", |parser| {
            if parser.take_if(Token::Operator, "*")? {
                return Ok(Written::FullSplat);
            }
            let key = parser.expression()?;
            *height = key.height.max(*height);
            Ok(Written::Index(key.expression))
        })
    }
}

/// Moves the steps that a splat applies into it.
fn nested(steps: Vec<(Written, Span)>) -> Vec<Spanned<TraversalStep>> {
    // The steps read so far, from last to first, each with whether a `.*` includes it.
    let mut after: Vec<(Spanned<TraversalStep>, bool)> = Vec::new();
    for (step, span) in steps.into_iter().rev() {
        let (step, is_plain) = match step {
            Written::Plain(step) => (step, true),
            Written::Index(key) => (TraversalStep::Index(Box::new(key)), false),
            Written::FullSplat => (TraversalStep::Splat(in_order(std::mem::take(&mut after))), false),
            Written::AttributeSplat => {
                let taken = after.iter().rev().take_while(|(_, is_plain)| *is_plain).count();
                (TraversalStep::Splat(in_order(after.split_off(after.len() - taken))), false)
            }
        };
        after.push((Spanned::new(step, span), is_plain));
    }
    in_order(after)
}

fn in_order(steps: Vec<(Spanned<TraversalStep>, bool)>) -> Vec<Spanned<TraversalStep>> {
    steps.into_iter().rev().map(|(step, _)| step).collect()
}

fn nested_splat(at: Span) -> Box<Diagnostic> {
    Box::new(
        Diagnostic::error("nested-splat", "`.*` cannot be used inside another `.*`")
            .at(at, "this is taken from each element already")
            .help("write `[*]` for both"),
    )
}

fn too_many_splats(at: Span) -> Box<Diagnostic> {
    Box::new(
        Diagnostic::error("nesting-too-deep", format!("more than {MAX_SPLATS} `[*]` in a row"))
            .at(at, "one too many"),
    )
}
