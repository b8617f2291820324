//! Parses tuples, objects and `for` expressions.

use std::sync::Arc;

use super::{Parsed, Parser, Part};
use crate::diagnostic::Diagnostic;
use crate::source::Spanned;
use crate::syntax::lexer::Token;
use crate::syntax::{Expression, ExpressionKind, For, ForKey, ObjectItem};
use crate::value::Value;

/// The head of a `for` expression, `for key, value in collection`.
pub(super) struct Loop {
    pub key_name: Option<Spanned<Arc<str>>>,
    pub value_name: Spanned<Arc<str>>,
    pub collection: Part,
}

impl Parser<'_> {
    pub(super) fn tuple(&mut self) -> Parsed {
        let start = self.token.range.start;
        let (kind, height) = self.bracketed(true, "]", |parser| {
            if parser.is_word("for") {
                return parser.for_expression(false);
            }
            let (mut elements, mut height) = (Vec::new(), 0);
            while !parser.is(Token::Close, "]") {
                let element = parser.expression()?;
                height = height.max(element.height);
                elements.push(element.expression);
                if !parser.take_if(Token::Operator, ",")? {
                    break;
                }
            }
            Ok((ExpressionKind::Tuple(elements), height))
        })?;
        Self::node(kind, self.span_from(start), height)
    }

    pub(super) fn object(&mut self) -> Parsed {
        let start = self.token.range.start;
        let (kind, height) = self.bracketed(false, "}", |parser| {
            parser.skip_newlines()?;
            if parser.is_word("for") {
                parser.ignores_newlines = true;
                return parser.for_expression(true);
            }
            parser.items()
        })?;
        Self::node(kind, self.span_from(start), height)
    }

    fn skip_newlines(&mut self) -> Parsed<()> {
        while self.token.token == Token::Newline {
            self.advance()?;
        }
        Ok(())
    }

    fn items(&mut self) -> Parsed<(ExpressionKind, usize)> {
        let (mut items, mut height) = (Vec::new(), 0);
        while !self.is(Token::Close, "}") {
            let key = self.expression()?;
            if !self.is_operator("=") && !self.is_operator(":") {
                return self.unexpected();
            }
            self.advance()?;
            let value = self.expression()?;
            height = height.max(key.height).max(value.height);
            items.push(ObjectItem { key: self.key(key.expression), value: value.expression });
            if self.token.token != Token::Newline && !self.take_if(Token::Operator, ",")? {
                break;
            }
            self.skip_newlines()?;
        }
        Ok((ExpressionKind::Object(items), height))
    }

    /// Converts the key of an object: a bare word is a string.
    fn key(&mut self, key: Expression) -> Expression {
        let written = &self.text[key.span.range()];
        match &key.kind {
            ExpressionKind::Variable(name) => {
                let name = Value::string(name.clone());
                Expression { kind: ExpressionKind::Literal(name), span: key.span }
            }
            ExpressionKind::Literal(_) if matches!(written, "null" | "true" | "false") => {
                Expression { kind: ExpressionKind::Literal(Value::string(written)), span: key.span }
            }
            ExpressionKind::Traversal(traversal)
                if matches!(traversal.base.kind, ExpressionKind::Variable(_)) =>
            {
                self.ambiguous.push(ambiguous(&key, written));
                key
            }
            _ => key,
        }
    }

    fn for_expression(&mut self, is_object: bool) -> Parsed<(ExpressionKind, usize)> {
        let Loop { key_name, value_name, collection } = self.loop_head()?;
        self.expect(Token::Operator, ":")?;
        let first = self.expression()?;
        let mut height = collection.height.max(first.height);
        let (key, result) = if is_object {
            self.expect(Token::Operator, "=>")?;
            let result = self.expression()?;
            height = height.max(result.height);
            let grouped = self.take_if(Token::Operator, "...")?;
            (Some(ForKey { expression: first.expression, grouped }), result)
        } else {
            (None, first)
        };
        let condition = if self.take_if(Token::Identifier, "if")? {
            let condition = self.expression()?;
            height = height.max(condition.height);
            Some(condition.expression)
        } else {
            None
        };
        let each = For {
            key_name,
            value_name,
            collection: collection.expression,
            key,
            result: result.expression,
            condition,
        };
        Ok((ExpressionKind::For(Box::new(each)), height))
    }

    /// Parses from the word `for` to the end of the collection.
    pub(super) fn loop_head(&mut self) -> Parsed<Loop> {
        self.expect(Token::Identifier, "for")?;
        let first = self.name()?;
        let (key_name, value_name) =
            if self.take_if(Token::Operator, ",")? { (Some(first), self.name()?) } else { (None, first) };
        self.expect(Token::Identifier, "in")?;
        Ok(Loop { key_name, value_name, collection: self.expression()? })
    }
}

fn ambiguous(key: &Expression, written: &str) -> Diagnostic {
    Diagnostic::error("ambiguous-key", "a key that is an expression must be in parentheses")
        .at(key.span, "is this a text or a reference?")
        .help(format!("write `({written}) = …` to use its value as the key"))
        .help(format!("write `\"{written}\" = …` for the text itself"))
}
