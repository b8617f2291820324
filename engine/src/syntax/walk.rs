//! Visits every part of an expression.

use super::expression::{Expression, ExpressionKind, TraversalStep};
use super::template::{Template, TemplatePart};
use crate::source::Spanned;

impl Expression {
    /// Calls `visit` with the expression and every expression in it, outer before inner.
    pub fn walk<'e>(&'e self, visit: &mut impl FnMut(&'e Self)) {
        visit(self);
        match &self.kind {
            ExpressionKind::Literal(_) | ExpressionKind::Variable(_) | ExpressionKind::Invalid => {}
            ExpressionKind::Template(template) => walk_template(template, visit),
            ExpressionKind::Wrap(inner) | ExpressionKind::Parenthesis(inner) => inner.walk(visit),
            ExpressionKind::Traversal(traversal) => {
                traversal.base.walk(visit);
                walk_steps(&traversal.steps, visit);
            }
            ExpressionKind::Tuple(elements) => elements.iter().for_each(|element| element.walk(visit)),
            ExpressionKind::Object(items) => {
                for item in items {
                    item.key.walk(visit);
                    item.value.walk(visit);
                }
            }
            ExpressionKind::Call(call) => call.arguments.iter().for_each(|argument| argument.walk(visit)),
            ExpressionKind::Conditional(conditional) => {
                conditional.condition.walk(visit);
                conditional.then.walk(visit);
                conditional.otherwise.walk(visit);
            }
            ExpressionKind::Unary(unary) => unary.operand.walk(visit),
            ExpressionKind::Binary(binary) => {
                binary.left.walk(visit);
                binary.right.walk(visit);
            }
            ExpressionKind::For(each) => {
                each.collection.walk(visit);
                let key = each.key.as_ref().map(|key| &key.expression);
                for part in [key, Some(&each.result), each.condition.as_ref()].into_iter().flatten() {
                    part.walk(visit);
                }
            }
        }
    }
}

fn walk_steps<'e>(steps: &'e [Spanned<TraversalStep>], visit: &mut impl FnMut(&'e Expression)) {
    for step in steps {
        match &step.value {
            TraversalStep::Attribute(_) => {}
            TraversalStep::Index(key) => key.walk(visit),
            TraversalStep::Splat(each) => walk_steps(each, visit),
        }
    }
}

fn walk_template<'e>(template: &'e Template, visit: &mut impl FnMut(&'e Expression)) {
    for part in &template.parts {
        match part {
            TemplatePart::Text(_) => {}
            TemplatePart::Interpolation(inner) => inner.walk(visit),
            TemplatePart::If(choice) => {
                choice.condition.walk(visit);
                walk_template(&choice.then, visit);
                walk_template(&choice.otherwise, visit);
            }
            TemplatePart::For(each) => {
                each.collection.walk(visit);
                walk_template(&each.body, visit);
            }
        }
    }
}
