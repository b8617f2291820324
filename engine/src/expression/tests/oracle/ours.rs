//! The normal form of our trees.

use crate::source::Spanned;
use crate::syntax::{
    Body, Call, Expression, ExpressionKind, For, Template, TemplatePart, TraversalStep, UnaryOperator,
};
use crate::value::{Data, Value};

use super::form::{self, Part};

pub fn body(body: &Body) -> String {
    let attributes = body.attributes.iter().map(|attribute| {
        form::node("=", [attribute.name.value.to_string(), expression(&attribute.expression)])
    });
    let blocks = body.blocks.iter().map(|block| {
        let labels = block.labels.iter().map(|label| form::text(&label.value));
        form::node(
            "block",
            [block.kind.value.to_string()].into_iter().chain(labels).chain([self::body(&block.body)]),
        )
    });
    form::node("body", attributes.chain(blocks))
}

pub fn expression(tree: &Expression) -> String {
    match &tree.kind {
        ExpressionKind::Literal(value) => literal(value),
        ExpressionKind::Template(template) => form::template(parts(template)),
        ExpressionKind::Wrap(inner) => {
            form::template(vec![Part::Node(form::node("${", [expression(inner)]))])
        }
        ExpressionKind::Variable(name) => form::node("var", [name.to_string()]),
        ExpressionKind::Traversal(traversal) => {
            form::node("get", [expression(&traversal.base)].into_iter().chain(steps(&traversal.steps)))
        }
        ExpressionKind::Tuple(all) => form::node("tuple", all.iter().map(expression)),
        ExpressionKind::Object(items) => {
            let item =
                |key: &Expression, value: &Expression| form::node("=", [expression(key), expression(value)]);
            form::node("object", items.iter().map(|one| item(&one.key, &one.value)))
        }
        ExpressionKind::Call(call) => self::call(call),
        ExpressionKind::Conditional(one) => {
            form::node("?", [&one.condition, &one.then, &one.otherwise].map(expression))
        }
        ExpressionKind::Unary(unary) => {
            let operand = expression(&unary.operand);
            match unary.operator.value {
                UnaryOperator::Negate => form::negated(operand),
                UnaryOperator::Not => form::node("!", [operand]),
            }
        }
        ExpressionKind::Binary(binary) => {
            form::node(binary.operator.value.symbol(), [&binary.left, &binary.right].map(expression))
        }
        ExpressionKind::For(each) => self::each(each),
        ExpressionKind::Parenthesis(inner) => form::node("(", [expression(inner)]),
        ExpressionKind::Invalid => "invalid".to_owned(),
    }
}

fn literal(value: &Value) -> String {
    match value.data() {
        Data::Number(number) => form::number(number.to_f64()),
        Data::String(text) => form::text(text),
        Data::Bool(value) => value.to_string(),
        _ => "null".to_owned(),
    }
}

fn call(call: &Call) -> String {
    let name = format!("{}{}", call.name.value, if call.expand { "..." } else { "" });
    form::node("call", [name].into_iter().chain(call.arguments.iter().map(expression)))
}

fn each(each: &For) -> String {
    let names = form::names(each.key_name.as_ref().map(|name| &*name.value), &each.value_name.value);
    let key = each.key.as_ref().map(|key| expression(&key.expression));
    let grouped = each.key.as_ref().is_some_and(|key| key.grouped);
    let condition = each.condition.as_ref().map(expression);
    form::each(names, expression(&each.collection), key, expression(&each.result), grouped, condition)
}

fn steps(steps: &[Spanned<TraversalStep>]) -> Vec<String> {
    let step = |step: &Spanned<TraversalStep>| match &step.value {
        TraversalStep::Attribute(name) => format!(".{name}"),
        TraversalStep::Index(key) => form::node("[", [expression(key)]),
        TraversalStep::Splat(inner) => form::node("*", self::steps(inner)),
    };
    steps.iter().map(step).collect()
}

fn parts(template: &Template) -> Vec<Part> {
    let part = |part: &TemplatePart| match part {
        TemplatePart::Text(text) => Part::Text(text.to_string()),
        TemplatePart::Interpolation(inner) => Part::Node(form::node("${", [expression(inner)])),
        TemplatePart::If(one) => {
            let branches = [&one.then, &one.otherwise].map(|branch| form::template(parts(branch)));
            Part::Node(form::node("%if", [expression(&one.condition)].into_iter().chain(branches)))
        }
        TemplatePart::For(one) => {
            let names = form::names(one.key_name.as_ref().map(|name| &*name.value), &one.value_name.value);
            let body = form::template(parts(&one.body));
            Part::Node(form::node("%for", [names, expression(&one.collection), body]))
        }
    };
    template.parts.iter().map(part).collect()
}
