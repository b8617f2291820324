//! Parses names, numbers, calls and bracketed expressions.

use std::sync::Arc;

use super::{Parsed, Parser, normal};
use crate::diagnostic::Diagnostic;
use crate::source::Spanned;
use crate::syntax::lexer::Token;
use crate::syntax::{Call, ExpressionKind};
use crate::value::{Number, Value};

impl Parser<'_> {
    pub(super) fn term(&mut self) -> Parsed {
        match (self.token.token, self.written()) {
            (Token::Number, _) => self.number(),
            (Token::Identifier, _) => self.word(),
            (Token::QuoteOpen, _) => self.quoted(),
            (Token::HeredocOpen, _) => self.heredoc(),
            (Token::Open, "(") => self.parenthesis(),
            (Token::Open, "[") => self.tuple(),
            (Token::Open, "{") => self.object(),
            _ => self.unexpected(),
        }
    }

    fn number(&mut self) -> Parsed {
        let span = self.span(self.token.range.clone());
        let number = self.written().parse::<Number>().map_err(|_| {
            Box::new(
                Diagnostic::error("invalid-number", "this number cannot be represented")
                    .at(span, "too large, or too small")
                    .help("write a number with a smaller exponent"),
            )
        })?;
        self.advance()?;
        Self::node(ExpressionKind::Literal(Value::from(number)), span, 0)
    }

    fn parenthesis(&mut self) -> Parsed {
        let start = self.token.range.start;
        let inner = self.bracketed(true, ")", Self::expression)?;
        let kind = ExpressionKind::Parenthesis(Box::new(inner.expression));
        Self::node(kind, self.span_from(start), inner.height)
    }

    /// Parses a keyword, a variable or a call.
    fn word(&mut self) -> Parsed {
        let start = self.token.range.start;
        let written = self.written();
        self.advance()?;
        let mut name = normal(written).to_string();
        while self.is_operator("::") {
            self.advance()?;
            name = format!("{name}::{}", self.name()?.value);
        }
        let name = Spanned::new(name.into(), self.span_from(start));
        if self.is(Token::Open, "(") {
            return self.call(Spanned::new(without_core(&name.value), name.span), start);
        }
        let kind = match &*name.value {
            "null" => ExpressionKind::Literal(Value::NULL),
            "true" => ExpressionKind::Literal(true.into()),
            "false" => ExpressionKind::Literal(false.into()),
            qualified if qualified.contains("::") => return self.unexpected(),
            _ => ExpressionKind::Variable(name.value),
        };
        Self::node(kind, name.span, 0)
    }

    fn call(&mut self, name: Spanned<Arc<str>>, start: usize) -> Parsed {
        let (arguments, expand, height) = self.bracketed(true, ")", |parser| {
            let (mut arguments, mut height) = (Vec::new(), 0);
            while !parser.is(Token::Close, ")") {
                let argument = parser.expression()?;
                height = height.max(argument.height);
                arguments.push(argument.expression);
                if parser.take_if(Token::Operator, "...")? {
                    return Ok((arguments, true, height));
                }
                if !parser.take_if(Token::Operator, ",")? {
                    break;
                }
            }
            Ok((arguments, false, height))
        })?;
        let call = Call { name, arguments, expand };
        Self::node(ExpressionKind::Call(Box::new(call)), self.span_from(start), height)
    }
}

/// Returns the name of a function without the namespace `core`, which contains all functions.
fn without_core(name: &Arc<str>) -> Arc<str> {
    name.strip_prefix("core::").map_or_else(|| name.clone(), Arc::from)
}
