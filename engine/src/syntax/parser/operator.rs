//! Parses conditionals and operators.

use super::{Parsed, Parser, Part};
use crate::source::Spanned;
use crate::syntax::lexer::Token;
use crate::syntax::{Binary, BinaryOperator, Conditional, ExpressionKind, Unary, UnaryOperator};

/// The binary operators by precedence, lowest first.
const LEVELS: [&[BinaryOperator]; 6] = [
    &[BinaryOperator::Or],
    &[BinaryOperator::And],
    &[BinaryOperator::Equal, BinaryOperator::NotEqual],
    &[
        BinaryOperator::Greater,
        BinaryOperator::GreaterOrEqual,
        BinaryOperator::Less,
        BinaryOperator::LessOrEqual,
    ],
    &[BinaryOperator::Add, BinaryOperator::Subtract],
    &[BinaryOperator::Multiply, BinaryOperator::Divide, BinaryOperator::Remainder],
];

impl Parser<'_> {
    pub(super) fn expression(&mut self) -> Parsed {
        self.deeper(Self::conditional)
    }

    fn conditional(&mut self) -> Parsed {
        let condition = self.binary(0)?;
        if !self.take_if(Token::Operator, "?")? {
            return Ok(condition);
        }
        let then = self.expression()?;
        self.expect(Token::Operator, ":")?;
        let otherwise = self.expression()?;
        let height = condition.height.max(then.height).max(otherwise.height);
        let span = condition.expression.span.to(otherwise.expression.span);
        let conditional = Conditional {
            condition: condition.expression,
            then: then.expression,
            otherwise: otherwise.expression,
        };
        Self::node(ExpressionKind::Conditional(Box::new(conditional)), span, height)
    }

    /// Parses operands joined by operators of at least the precedence `level`.
    fn binary(&mut self, level: usize) -> Parsed {
        let mut left = self.unary()?;
        while let Some((operator, binds)) = self.binary_operator().filter(|(_, binds)| *binds >= level) {
            let span = self.span(self.token.range.clone());
            self.advance()?;
            let right = self.binary(binds + 1)?;
            left = Self::join(left, Spanned::new(operator, span), right)?;
        }
        Ok(left)
    }

    fn join(left: Part, operator: Spanned<BinaryOperator>, right: Part) -> Parsed {
        let height = left.height.max(right.height);
        let span = left.expression.span.to(right.expression.span);
        let binary = Binary { left: left.expression, operator, right: right.expression };
        Self::raised(ExpressionKind::Binary(Box::new(binary)), span, height + 1)
    }

    fn binary_operator(&self) -> Option<(BinaryOperator, usize)> {
        if self.token.token != Token::Operator {
            return None;
        }
        let levels = LEVELS.iter().enumerate();
        let mut all = levels.flat_map(|(level, operators)| operators.iter().map(move |&one| (one, level)));
        all.find(|(operator, _)| operator.symbol() == self.written())
    }

    fn unary(&mut self) -> Parsed {
        let operator = match self.written() {
            "-" if self.token.token == Token::Operator => UnaryOperator::Negate,
            "!" if self.token.token == Token::Operator => UnaryOperator::Not,
            _ => return self.traversal(),
        };
        let start = self.token.range.start;
        let span = self.span(self.token.range.clone());
        self.advance()?;
        let operand = self.deeper(Self::unary)?;
        let unary = Unary { operator: Spanned::new(operator, span), operand: operand.expression };
        Self::node(ExpressionKind::Unary(Box::new(unary)), self.span_from(start), operand.height)
    }
}
