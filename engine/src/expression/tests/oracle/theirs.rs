//! The normal form of the trees of `hcl-rs`, in which whitespace markers and indentation are still to be applied.

use hcl::edit::expr::{
    Expression, ForExpr, FuncCall, ObjectKey, Traversal, TraversalOperator, UnaryOperator,
};
use hcl::edit::structure::{BlockLabel, Body, Structure};
use hcl::edit::template::{Directive, Element, Strip, Template};
use hcl::edit::{Decorated, Ident};

use super::form::{self, Part};
use super::indent;

/// The form of a file; none when it cannot be read.
pub fn body(text: &str) -> Option<String> {
    text.parse::<Body>().ok().map(|body| self::structures(&body))
}

/// The form of an expression; none when it cannot be read.
pub fn expression(text: &str) -> Option<String> {
    text.parse::<Expression>().ok().map(|tree| self::tree(&tree))
}

/// The form of a template file; none when it cannot be read.
pub fn template(text: &str) -> Option<String> {
    text.parse::<Template>().ok().map(|template| form::template(parts(&template, Strips::lines())))
}

fn structures(body: &Body) -> String {
    let attributes = body.iter().filter_map(Structure::as_attribute);
    let attributes = attributes.map(|one| form::node("=", [name(&one.key), tree(&one.value)]));
    let blocks = body.iter().filter_map(Structure::as_block).map(|block| {
        let labels = block.labels.iter().map(|label| match label {
            BlockLabel::Ident(ident) => form::text(ident.as_str()),
            BlockLabel::String(text) => form::text(text),
        });
        let inner = structures(&block.body);
        form::node("block", [name(&block.ident)].into_iter().chain(labels).chain([inner]))
    });
    form::node("body", attributes.chain(blocks))
}

fn name(ident: &Decorated<Ident>) -> String {
    form::normal(ident.as_str())
}

fn tree(tree: &Expression) -> String {
    match tree {
        Expression::Null(_) => "null".to_owned(),
        Expression::Bool(value) => value.to_string(),
        Expression::Number(number) => form::number(number.as_f64().unwrap_or(f64::NAN)),
        Expression::String(text) => form::text(text),
        Expression::Array(all) => form::node("tuple", all.iter().map(self::tree)),
        Expression::Object(object) => {
            let item =
                |key: &ObjectKey, value: &Expression| form::node("=", [self::key(key), self::tree(value)]);
            form::node("object", object.iter().map(|(key, value)| item(key, value.expr())))
        }
        Expression::StringTemplate(text) => form::template(parts(text, Strips::default())),
        Expression::HeredocTemplate(heredoc) => {
            let mut template = heredoc.template.clone();
            if heredoc.indent().is_some() {
                indent::remove(&mut template);
            }
            form::template(parts(&template, Strips::lines()))
        }
        Expression::Parenthesis(inner) => form::node("(", [self::tree(inner.inner())]),
        Expression::Variable(name) => form::node("var", [self::name(name)]),
        Expression::Conditional(one) => {
            form::node("?", [&one.cond_expr, &one.true_expr, &one.false_expr].map(self::tree))
        }
        Expression::FuncCall(call) => self::call(call),
        Expression::Traversal(traversal) => get(traversal),
        Expression::UnaryOp(unary) => match *unary.operator.value() {
            UnaryOperator::Neg => form::negated(self::tree(&unary.expr)),
            UnaryOperator::Not => form::node("!", [self::tree(&unary.expr)]),
        },
        Expression::BinaryOp(binary) => {
            form::node(binary.operator.as_str(), [&binary.lhs_expr, &binary.rhs_expr].map(self::tree))
        }
        Expression::ForExpr(each) => self::each(each),
    }
}

fn key(key: &ObjectKey) -> String {
    match key {
        ObjectKey::Ident(name) => form::text(name.as_str()),
        ObjectKey::Expression(expression) => tree(expression),
    }
}

fn call(call: &FuncCall) -> String {
    let words = call.name.namespace.iter().chain([&call.name.name]).map(name).collect::<Vec<_>>();
    let called = format!("{}{}", words.join("::"), if call.args.expand_final() { "..." } else { "" });
    form::node("call", [called].into_iter().chain(call.args.iter().map(tree)))
}

fn each(each: &ForExpr) -> String {
    let key = each.intro.key_var.as_ref().map(name);
    let names = form::names(key.as_deref(), &name(&each.intro.value_var));
    let condition = each.cond.as_ref().map(|condition| tree(&condition.expr));
    let key = each.key_expr.as_ref().map(tree);
    form::each(
        names,
        tree(&each.intro.collection_expr),
        key,
        tree(&each.value_expr),
        each.grouping,
        condition,
    )
}

fn get(traversal: &Traversal) -> String {
    let operators: Vec<_> = traversal.operators.iter().map(Decorated::value).collect();
    form::node("get", [tree(&traversal.expr)].into_iter().chain(steps(&operators)))
}

/// The steps; those that a splat takes from each element are within it.
fn steps(operators: &[&TraversalOperator]) -> Vec<String> {
    let Some((first, rest)) = operators.split_first() else { return Vec::new() };
    let (step, rest) = match first {
        TraversalOperator::GetAttr(name) => (format!(".{}", self::name(name)), rest),
        TraversalOperator::Index(key) => (form::node("[", [tree(key)]), rest),
        TraversalOperator::LegacyIndex(at) => {
            (form::node("[", [at.to_string().parse().map_or_else(|_| at.to_string(), form::number)]), rest)
        }
        TraversalOperator::FullSplat(_) => (form::node("*", steps(rest)), [].as_slice()),
        TraversalOperator::AttrSplat(_) => {
            let is_inside = |operator: &&&TraversalOperator| {
                matches!(operator, TraversalOperator::GetAttr(_) | TraversalOperator::LegacyIndex(_))
            };
            let (inside, rest) = rest.split_at(rest.iter().take_while(is_inside).count());
            (form::node("*", steps(inside)), rest)
        }
    };
    [step].into_iter().chain(steps(rest)).collect()
}

/// The whitespace to remove from a template.
#[derive(Clone, Copy, Default)]
struct Strips {
    /// True if whitespace at the start is removed.
    start: bool,
    /// True if whitespace at the end is removed.
    end: bool,
    /// True in a heredoc or a file, where a marker reaches at most to the end or the start of a line.
    by_line: bool,
}

impl Strips {
    fn lines() -> Self {
        Self { by_line: true, ..Self::default() }
    }

    /// The same of a template within this one.
    fn inside(self, before: Strip, after: Strip) -> Self {
        Self { start: before.strip_end(), end: after.strip_start(), ..self }
    }

    fn apply(self, text: &str) -> String {
        let whitespace = |text: &str| text.len() - text.trim_start().len();
        let mut text = text;
        if self.start {
            let line = text.find('\n').map_or(text.len(), |at| at + 1);
            let reach = if self.by_line { line } else { text.len() };
            text = &text[whitespace(text).min(reach)..];
        }
        if self.end {
            // The line break belongs to the line that it ends.
            let last = text.strip_suffix('\n').unwrap_or(text);
            let line = if self.by_line { last.rfind('\n').map_or(0, |at| at + 1) } else { 0 };
            text = &text[..text.trim_end().len().max(line)];
        }
        text.to_owned()
    }
}

/// The parts of a template.
fn parts(template: &Template, strips: Strips) -> Vec<Part> {
    let elements: Vec<_> = template.iter().collect();
    let part = |(at, element): (usize, &&Element)| match element {
        Element::Literal(text) => {
            let start = at.checked_sub(1).map_or(strips.start, |at| around(elements[at]).1);
            let end = elements.get(at + 1).map_or(strips.end, |next| around(next).0);
            Part::Text(Strips { start, end, ..strips }.apply(text))
        }
        Element::Interpolation(one) => Part::Node(form::node("${", [tree(&one.expr)])),
        Element::Directive(directive) => Part::Node(self::directive(directive, strips)),
    };
    elements.iter().enumerate().map(part).collect()
}

fn directive(directive: &Directive, strips: Strips) -> String {
    match directive {
        Directive::If(one) => {
            let end = one.endif_expr.strip;
            let other = one.else_expr.as_ref();
            let middle = other.map_or(end, |other| other.strip);
            let then = parts(&one.if_expr.template, strips.inside(one.if_expr.strip, middle));
            let otherwise = other.map(|other| parts(&other.template, strips.inside(other.strip, end)));
            let branches = [then, otherwise.unwrap_or_default()].map(form::template);
            form::node("%if", [tree(&one.if_expr.cond_expr)].into_iter().chain(branches))
        }
        Directive::For(one) => {
            let each = &one.for_expr;
            let key = each.key_var.as_ref().map(name);
            let names = form::names(key.as_deref(), &name(&each.value_var));
            let body = parts(&each.template, strips.inside(each.strip, one.endfor_expr.strip));
            form::node("%for", [names, tree(&each.collection_expr), form::template(body)])
        }
    }
}

/// Returns whether an element removes the whitespace before and after it.
fn around(element: &Element) -> (bool, bool) {
    let of = |first: Strip, last: Strip| (first.strip_start(), last.strip_end());
    match element {
        Element::Literal(_) => (false, false),
        Element::Interpolation(one) => of(one.strip, one.strip),
        Element::Directive(directive) => match &**directive {
            Directive::If(one) => of(one.if_expr.strip, one.endif_expr.strip),
            Directive::For(one) => of(one.for_expr.strip, one.endfor_expr.strip),
        },
    }
}
