//! Lowers expressions.

use std::sync::Arc;

use hcl_edit::expr::{self, ObjectKey, TraversalOperator};
use hcl_edit::{Decorated, Ident};

use super::{Lowered, Lowering, normal};
use crate::diagnostic::Diagnostic;
use crate::source::{Span, Spanned};
use crate::syntax::{
    Binary, BinaryOperator, Call, Conditional, Expression, ExpressionKind, For, ForKey, ObjectItem, Step,
    Traversal, Unary, UnaryOperator,
};
use crate::value::{Number, Value};

/// How many `[*]` may follow each other; each is taken inside the one before.
const MAX_SPLATS: usize = 32;

impl Lowering<'_> {
    pub(in crate::syntax) fn expression(&self, node: &expr::Expression) -> Lowered<Expression> {
        let kind = match node {
            expr::Expression::Null(_) => ExpressionKind::Literal(Value::NULL),
            expr::Expression::Bool(value) => ExpressionKind::Literal((*value.value()).into()),
            expr::Expression::Number(_) => self.number(node)?,
            expr::Expression::String(_) => {
                let range = self.range(node);
                let text = self.quoted_text(range.start + 1..range.end - 1)?;
                ExpressionKind::Literal(Value::string(normal(&text)))
            }
            expr::Expression::StringTemplate(template) => return self.quoted(template, self.span(node)),
            expr::Expression::HeredocTemplate(heredoc) => return self.heredoc(heredoc, self.span(node)),
            expr::Expression::Array(array) => ExpressionKind::Tuple(self.all(array.iter())?),
            expr::Expression::Object(object) => {
                let items = object.iter().map(|(key, value)| {
                    Ok(ObjectItem { key: self.object_key(key)?, value: self.expression(value.expr())? })
                });
                ExpressionKind::Object(items.collect::<Lowered<_>>()?)
            }
            expr::Expression::Parenthesis(inner) => {
                ExpressionKind::Parenthesis(Box::new(self.expression(inner.inner())?))
            }
            expr::Expression::Variable(name) => ExpressionKind::Variable(normal(name.as_str())),
            expr::Expression::Conditional(node) => ExpressionKind::Conditional(Box::new(Conditional {
                condition: self.expression(&node.cond_expr)?,
                then: self.expression(&node.true_expr)?,
                otherwise: self.expression(&node.false_expr)?,
            })),
            expr::Expression::FuncCall(call) => ExpressionKind::Call(Box::new(self.call(call)?)),
            expr::Expression::Traversal(node) => ExpressionKind::Traversal(Box::new(Traversal {
                base: self.expression(&node.expr)?,
                steps: self.steps(&node.operators)?,
            })),
            expr::Expression::UnaryOp(node) => ExpressionKind::Unary(Box::new(Unary {
                operator: Spanned::new(unary(*node.operator), self.span(&node.operator)),
                operand: self.expression(&node.expr)?,
            })),
            expr::Expression::BinaryOp(node) => ExpressionKind::Binary(Box::new(Binary {
                left: self.expression(&node.lhs_expr)?,
                operator: Spanned::new(binary(*node.operator.value()), self.span(&node.operator)),
                right: self.expression(&node.rhs_expr)?,
            })),
            expr::Expression::ForExpr(node) => ExpressionKind::For(Box::new(self.for_expression(node)?)),
        };
        Ok(Expression { kind, span: self.span(node) })
    }

    fn all<'n>(&self, nodes: impl Iterator<Item = &'n expr::Expression>) -> Lowered<Vec<Expression>> {
        nodes.map(|node| self.expression(node)).collect()
    }

    /// Reads a number from its text: `hcl-edit` keeps large ones as floats.
    fn number(&self, node: &expr::Expression) -> Lowered<ExpressionKind> {
        // A sign is part of it, and so is what stands between the two: space and comments.
        let written = self.written(node);
        let sign = if written.starts_with('-') { "-" } else { "" };
        let digits = written.trim_start_matches('-').rsplit([' ', '\t', '\r', '\n', '/']).next();
        match format!("{sign}{}", digits.unwrap_or_default()).parse::<Number>() {
            Ok(number) => Ok(ExpressionKind::Literal(Value::from(number))),
            Err(_) => Err(Box::new(
                Diagnostic::error("invalid-number", "this number cannot be represented")
                    .at(self.span(node), "too large, or too small")
                    .help("write a number with a smaller exponent"),
            )),
        }
    }

    pub(super) fn name(&self, name: &Decorated<Ident>) -> Spanned<Arc<str>> {
        Spanned::new(normal(name.as_str()), self.span(name))
    }

    fn object_key(&self, key: &ObjectKey) -> Lowered<Expression> {
        let node = match key {
            ObjectKey::Ident(name) => {
                let name = self.name(name);
                return Ok(Expression {
                    kind: ExpressionKind::Literal(Value::string(name.value)),
                    span: name.span,
                });
            }
            ObjectKey::Expression(node) => node,
        };
        match node {
            expr::Expression::Null(_) | expr::Expression::Bool(_) => {
                let name = Value::string(self.written(node));
                Ok(Expression { kind: ExpressionKind::Literal(name), span: self.span(node) })
            }
            expr::Expression::Traversal(_) => {
                let written = self.written(node).trim();
                Err(Box::new(
                    Diagnostic::error("ambiguous-key", "a key that is an expression must be in parentheses")
                        .at(self.span(node), "is this a text or a reference?")
                        .help(format!("write `({written}) = …` for what it refers to"))
                        .help(format!("write `\"{written}\" = …` for the text itself")),
                ))
            }
            _ => self.expression(node),
        }
    }

    fn call(&self, call: &expr::FuncCall) -> Lowered<Call> {
        let first = call.name.namespace.first().unwrap_or(&call.name.name);
        let parts = call.name.namespace.iter().chain([&call.name.name]);
        let name = parts.map(|part| part.as_str()).collect::<Vec<_>>().join("::");
        Ok(Call {
            name: Spanned::new(name.into(), self.span(first).to(self.span(&call.name.name))),
            arguments: self.all(call.args.iter())?,
            expand: call.args.expand_final(),
        })
    }

    fn steps(&self, operators: &[Decorated<TraversalOperator>]) -> Lowered<Vec<Spanned<Step>>> {
        let splats = operators.iter().filter(|step| matches!(step.value(), TraversalOperator::FullSplat(_)));
        if let Some(last) = splats.skip(MAX_SPLATS).last() {
            return Err(Box::new(
                Diagnostic::error("nesting-too-deep", format!("more than {MAX_SPLATS} `[*]` in a row"))
                    .at(self.span(last), "one too many"),
            ));
        }
        let mut steps = Vec::with_capacity(operators.len());
        let mut rest = operators;
        while let Some((operator, after)) = rest.split_first() {
            rest = after;
            let step = match operator.value() {
                TraversalOperator::GetAttr(name) => Step::Attribute(normal(name.as_str())),
                TraversalOperator::Index(key) => Step::Index(self.expression(key)?),
                TraversalOperator::LegacyIndex(index) => {
                    Step::Index(self.legacy_index(operator, *index.value()))
                }
                TraversalOperator::FullSplat(_) => {
                    let each = self.steps(rest)?;
                    rest = &[];
                    Step::Splat(each)
                }
                TraversalOperator::AttrSplat(_) => {
                    let plain = |step: &Decorated<TraversalOperator>| {
                        matches!(
                            step.value(),
                            TraversalOperator::GetAttr(_) | TraversalOperator::LegacyIndex(_)
                        )
                    };
                    let count = rest.iter().take_while(|step| plain(step)).count();
                    let each = self.steps(&rest[..count])?;
                    rest = &rest[count..];
                    Step::Splat(each)
                }
            };
            let span = match operator.value() {
                TraversalOperator::GetAttr(name) => self.span_or(name, self.span(operator)),
                _ => self.span(operator),
            };
            steps.push(Spanned::new(step, span));
        }
        Ok(steps)
    }

    fn legacy_index(&self, operator: &Decorated<TraversalOperator>, index: u64) -> Expression {
        let index = i64::try_from(index).unwrap_or(i64::MAX);
        Expression { kind: ExpressionKind::Literal(index.into()), span: self.span(operator) }
    }

    fn for_expression(&self, node: &expr::ForExpr) -> Lowered<For> {
        let key = match &node.key_expr {
            Some(key) => Some(ForKey { expression: self.expression(key)?, grouped: node.grouping }),
            None => None,
        };
        Ok(For {
            key_name: node.intro.key_var.as_ref().map(|name| self.name(name)),
            value_name: self.name(&node.intro.value_var),
            collection: self.expression(&node.intro.collection_expr)?,
            key,
            result: self.expression(&node.value_expr)?,
            condition: node.cond.as_ref().map(|condition| self.expression(&condition.expr)).transpose()?,
        })
    }
}

fn unary(operator: expr::UnaryOperator) -> UnaryOperator {
    match operator {
        expr::UnaryOperator::Neg => UnaryOperator::Negate,
        expr::UnaryOperator::Not => UnaryOperator::Not,
    }
}

fn binary(operator: expr::BinaryOperator) -> BinaryOperator {
    match operator {
        expr::BinaryOperator::Eq => BinaryOperator::Equal,
        expr::BinaryOperator::NotEq => BinaryOperator::NotEqual,
        expr::BinaryOperator::LessEq => BinaryOperator::LessOrEqual,
        expr::BinaryOperator::GreaterEq => BinaryOperator::GreaterOrEqual,
        expr::BinaryOperator::Less => BinaryOperator::Less,
        expr::BinaryOperator::Greater => BinaryOperator::Greater,
        expr::BinaryOperator::Plus => BinaryOperator::Add,
        expr::BinaryOperator::Minus => BinaryOperator::Subtract,
        expr::BinaryOperator::Mul => BinaryOperator::Multiply,
        expr::BinaryOperator::Div => BinaryOperator::Divide,
        expr::BinaryOperator::Mod => BinaryOperator::Remainder,
        expr::BinaryOperator::And => BinaryOperator::And,
        expr::BinaryOperator::Or => BinaryOperator::Or,
    }
}

impl Lowering<'_> {
    /// The span of a node, or another one where `hcl-edit` gives none.
    pub(super) fn span_or(&self, node: &impl hcl_edit::Span, otherwise: Span) -> Span {
        if node.span().is_some() { self.span(node) } else { otherwise }
    }
}
