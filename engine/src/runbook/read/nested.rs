//! Reads nested blocks of a step, another notation for arguments that contain objects.
//!
//! Two blocks `rule { … }` are `rule = [{ … }, { … }]`; a `dynamic "rule"` block is the equivalent `for`
//! expression.

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Diagnostics, did_you_mean};
use crate::runbook::block_type::{BlockType, optional, required};
use crate::source::{Span, Spanned};
use crate::step::Schema;
use crate::syntax::{Attribute, Block, Body, Call, Expression, ExpressionKind, For, ObjectItem};
use crate::value::{Type, Value};

use super::fields::{Fields, labels};
use super::own_block::not_dynamic;

pub const DYNAMIC: BlockType = BlockType {
    name: "dynamic",
    labels: &["name"],
    within: &["step"],
    docs: "Generates a block of the step for each element of a collection.",
    arguments: &[
        required("for_each", "any collection", "The collection."),
        optional(
            "iterator",
            "name",
            "The name by which `content` refers to the element, `.key` and `.value`.",
        )
        .or("the label"),
    ],
    blocks: &["content"],
    further: None,
    example: r#"step "echo" "rules" {
  dynamic "input" {
    for_each = ["west", "east"]

    content {
      region = input.value
    }
  }
}

output "rules" {
  value = step.echo.rules.output
}
"#,
};

pub const CONTENT: BlockType = BlockType {
    name: "content",
    labels: &[],
    within: &["dynamic"],
    docs: "The arguments and blocks of each block that a `dynamic` block generates.",
    arguments: &[],
    blocks: &[],
    further: Some("the arguments of the generated block"),
    example: r#"step "echo" "rules" {
  dynamic "input" {
    for_each = { west = 1, east = 2 }
    iterator = region

    content {
      name   = region.key
      number = region.value
    }
  }
}

output "rules" {
  value = step.echo.rules.output
}
"#,
};

/// Returns the arguments of a schema that may be written as blocks.
pub fn names(schema: &Schema) -> impl Iterator<Item = &'static str> {
    schema.arguments.iter().filter(|field| holds_objects(&field.ty)).map(|field| field.name)
}

fn holds_objects(ty: &Type) -> bool {
    match ty {
        Type::Any | Type::Object(_) => true,
        Type::List(element) | Type::Set(element) => holds_objects(element),
        _ => false,
    }
}

/// Converts the nested blocks of a step to arguments.
pub fn arguments(body: &Body, schema: &Schema, found: &mut Diagnostics) -> Vec<Attribute> {
    let known: Vec<&'static str> = names(schema).collect();
    let mut attributes = gather(body, Some(&known), found);
    for attribute in &mut attributes {
        single(attribute, schema);
    }
    attributes
}

/// Unwraps the single block of an argument that is one object.
fn single(attribute: &mut Attribute, schema: &Schema) {
    let takes_one =
        schema.argument(&attribute.name.value).is_some_and(|field| matches!(field.ty, Type::Object(_)));
    if let ExpressionKind::Tuple(elements) = &mut attribute.expression.kind
        && takes_one
        && elements.len() == 1
    {
        attribute.expression = elements.remove(0);
    }
}

/// Converts the blocks of `body` to arguments, in the order of their first blocks.
fn gather(body: &Body, known: Option<&[&'static str]>, found: &mut Diagnostics) -> Vec<Attribute> {
    let mut attributes: Vec<(Spanned<Arc<str>>, Vec<Part>)> = Vec::new();
    for block in &body.blocks {
        let Some((name, part)) = part(block, known, found) else { continue };
        match attributes.iter_mut().find(|(earlier, _)| earlier.value == name.value) {
            Some((_, parts)) => parts.push(part),
            None => attributes.push((name, vec![part])),
        }
    }
    attributes
        .into_iter()
        .filter_map(|(name, parts)| {
            if let Some(argument) = body.attribute(&name.value) {
                found.push(
                    Diagnostic::error(
                        "conflicting-arguments",
                        format!("`{}` is given as an argument and as a block", name.value),
                    )
                    .marked(name.span, "as a block here")
                    .also(argument.name.span, "as an argument here")
                    .help("keep one of the two"),
                );
                return None;
            }
            let span = name.span;
            Some(Attribute { name, expression: join(parts, span), span })
        })
        .collect()
}

/// The value of one block: an object, or a tuple of objects.
enum Part {
    One(Expression),
    Many(Expression),
}

fn part(
    block: &Block,
    known: Option<&[&'static str]>,
    found: &mut Diagnostics,
) -> Option<(Spanned<Arc<str>>, Part)> {
    if &*block.kind.value == "dynamic" {
        return dynamic(block, known, found);
    }
    if known.is_some_and(|known| !known.contains(&&*block.kind.value)) {
        // The check of the step's blocks reports this.
        return None;
    }
    labels(block, [], found)?;
    Some((block.kind.clone(), Part::One(object(&block.body, block.header, found))))
}

fn dynamic(
    block: &Block,
    known: Option<&[&'static str]>,
    found: &mut Diagnostics,
) -> Option<(Spanned<Arc<str>>, Part)> {
    let [name] = labels(block, ["name"], found)?;
    if known.is_some_and(|known| !known.contains(&&*name.value)) {
        let unknown = || {
            let hint = did_you_mean(&name.value, known.into_iter().flatten().copied());
            Diagnostic::error("unknown-argument", format!("there is no block `{}` here", name.value))
                .at(name.span, "unknown block")
                .maybe_help(hint)
        };
        found.push(not_dynamic(block).unwrap_or_else(unknown));
        return None;
    }
    let mut fields =
        Fields::new(&block.body, "a `dynamic` block", (&DYNAMIC.argument_names(), DYNAMIC.blocks), found);
    let collection = fields.required("for_each", block).cloned();
    let iterator = fields.attribute("iterator").map(|attribute| attribute.expression.clone());
    let iterator = match iterator.map(|expression| (expression.kind, expression.span)) {
        None => name.value.clone(),
        Some((ExpressionKind::Variable(iterator), _)) => iterator,
        Some((_, span)) => {
            found.push(
                Diagnostic::error("invalid-argument", "`iterator` is a bare name").at(span, "not a name"),
            );
            return None;
        }
    };
    let mut contents = block.body.blocks_of("content");
    let (Some(content), None) = (contents.next(), contents.next()) else {
        if block.body.blocks.iter().all(|inner| &*inner.kind.value == "content") {
            found.push(
                Diagnostic::error("missing-block", "a `dynamic` block has one `content` block")
                    .marked(block.header, "here")
                    .help("add `content { … }` with the arguments of each block"),
            );
        }
        return None;
    };
    let result = object(&content.body, content.header, found);
    let each = repeat(collection?, &iterator, result, block.header);
    Some((name, Part::Many(each)))
}

/// Returns `[for iterator in [for key, value in collection : { key = key, value = value }] : result]`.
fn repeat(collection: Expression, iterator: &Arc<str>, result: Expression, span: Span) -> Expression {
    let variable = |name: &str| expression(ExpressionKind::Variable(name.into()), span);
    let item = |name: &str| ObjectItem { key: literal(name, span), value: variable(name) };
    let pairs = For {
        key_name: Some(Spanned::new("key".into(), span)),
        value_name: Spanned::new("value".into(), span),
        collection,
        key: None,
        result: expression(ExpressionKind::Object(vec![item("key"), item("value")]), span),
        condition: None,
    };
    let objects = For {
        key_name: None,
        value_name: Spanned::new(iterator.clone(), span),
        collection: expression(ExpressionKind::For(Box::new(pairs)), span),
        key: None,
        result,
        condition: None,
    };
    expression(ExpressionKind::For(Box::new(objects)), span)
}

/// Converts a body to an object.
fn object(body: &Body, span: Span, found: &mut Diagnostics) -> Expression {
    let nested = gather(body, None, found);
    let items = body.attributes.iter().chain(&nested).map(|attribute| ObjectItem {
        key: literal(&attribute.name.value, attribute.name.span),
        value: attribute.expression.clone(),
    });
    expression(ExpressionKind::Object(items.collect()), span)
}

/// Joins all parts into one tuple.
fn join(parts: Vec<Part>, span: Span) -> Expression {
    if parts.iter().all(|part| matches!(part, Part::One(_))) {
        let objects = parts.into_iter().map(|(Part::One(part) | Part::Many(part))| part);
        return expression(ExpressionKind::Tuple(objects.collect()), span);
    }
    let tuples = parts.into_iter().map(|part| match part {
        Part::One(one) => expression(ExpressionKind::Tuple(vec![one]), span),
        Part::Many(many) => many,
    });
    let name = Spanned::new("concat".into(), span);
    let call = Call { name, arguments: tuples.collect(), expand: false };
    expression(ExpressionKind::Call(Box::new(call)), span)
}

fn literal(text: &str, span: Span) -> Expression {
    expression(ExpressionKind::Literal(Value::string(text)), span)
}

fn expression(kind: ExpressionKind, span: Span) -> Expression {
    Expression { kind, span }
}
