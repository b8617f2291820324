//! Reads nested blocks of a step, another notation for arguments that contain objects.
//!
//! Two blocks `rule { … }` are `rule = [{ … }, { … }]`; a `dynamic "rule"` block is the equivalent `for`
//! expression.

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Diagnostics, did_you_mean};
use crate::runbook::block_type::{BlockType, optional, required};
use crate::source::{Span, Spanned};
use crate::step::Field;
use crate::syntax::{Attribute, Block, Body, Call, Expression, ExpressionKind, For, ObjectItem};
use crate::value::{Type, Value};

use super::fields::{Fields, labels};
use super::own_block::not_dynamic;
use super::requirements::check_block;

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

/// Returns the names of the arguments that may be written as blocks.
pub fn names(fields: &[Field]) -> impl Iterator<Item = &'static str> {
    fields.iter().filter(|field| field.block().is_some() || holds_objects(&field.ty)).map(|field| field.name)
}

fn holds_objects(ty: &Type) -> bool {
    match ty {
        Type::Any | Type::Object(_) => true,
        Type::List(element) | Type::Set(element) => holds_objects(element),
        _ => false,
    }
}

/// Converts the nested blocks of a step or an identity, whose arguments are `fields`, to arguments.
pub fn arguments(body: &Body, fields: &[Field], found: &mut Diagnostics) -> Vec<Attribute> {
    gather(body, Some(fields), found)
}

/// Converts the blocks of `body` to arguments, in the order of their first blocks. Without `fields`, any block is
/// accepted.
fn gather(body: &Body, fields: Option<&[Field]>, found: &mut Diagnostics) -> Vec<Attribute> {
    let mut attributes: Vec<(Spanned<Arc<str>>, Parts)> = Vec::new();
    for block in &body.blocks {
        let Some((name, part)) = part(block, fields, found) else { continue };
        match attributes.iter_mut().find(|(earlier, _)| earlier.value == name.value) {
            Some((_, parts)) => parts.push((part, block.header)),
            None => attributes.push((name, vec![(part, block.header)])),
        }
    }
    let argument = |(name, parts): (Spanned<Arc<str>>, Parts)| {
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
        let field = fields.and_then(|fields| of_name(fields, &name.value));
        let repeated = field.and_then(|field| repeated(field, &parts));
        // The first block stands for all, so that there is no second error.
        let most = if repeated.is_some() { 1 } else { usize::MAX };
        found.extend(repeated);
        let (span, takes_one) = (name.span, field.is_some_and(takes_one));
        let parts = parts.into_iter().map(|(part, _)| part).take(most);
        Some(Attribute { name, expression: join(parts, takes_one, span), span })
    };
    attributes.into_iter().filter_map(argument).collect()
}

fn of_name<'a>(fields: &'a [Field], name: &str) -> Option<&'a Field> {
    fields.iter().find(|field| field.name == name)
}

/// Returns true for an argument that is one object.
fn takes_one(field: &Field) -> bool {
    field.block().map_or(matches!(field.ty, Type::Object(_)), |block| !block.repeats)
}

/// Returns the error of a second block of an argument that may not be repeated.
fn repeated(field: &Field, parts: &[(Part, Span)]) -> Option<Diagnostic> {
    let (Some(block), [(Part::One(_), first), (Part::One(_), second), ..]) = (field.block(), parts) else {
        return None;
    };
    (!block.repeats).then(|| {
        Diagnostic::error("duplicate-name", format!("there are two `{}` blocks", field.name))
            .marked(*second, "again here")
            .also(*first, "first here")
            .help("merge them into one")
    })
}

/// The blocks of one argument, each with its header.
type Parts = Vec<(Part, Span)>;

/// The value of one block: an object, or a tuple of objects.
enum Part {
    One(Expression),
    Many(Expression),
}

fn part(
    block: &Block,
    fields: Option<&[Field]>,
    found: &mut Diagnostics,
) -> Option<(Spanned<Arc<str>>, Part)> {
    if &*block.kind.value == "dynamic" {
        return dynamic(block, fields, found);
    }
    if fields.is_some_and(|fields| !names(fields).any(|name| name == &*block.kind.value)) {
        // The check of the blocks around it reports this.
        return None;
    }
    labels(block, [], found)?;
    Some((block.kind.clone(), Part::One(content(block, &block.kind.value, fields, found))))
}

/// Converts the body of `block`, which is the content of a block `name`.
fn content(block: &Block, name: &str, fields: Option<&[Field]>, found: &mut Diagnostics) -> Expression {
    let declared = fields.and_then(|fields| of_name(fields, name)?.block());
    if let Some(declared) = declared {
        check_block(&block.body, block.header, name, declared, found);
    }
    object(&block.body, block.header, declared.map(|declared| declared.fields.as_slice()), found)
}

fn dynamic(
    block: &Block,
    fields: Option<&[Field]>,
    found: &mut Diagnostics,
) -> Option<(Spanned<Arc<str>>, Part)> {
    let [name] = labels(block, ["name"], found)?;
    if fields.is_some_and(|fields| !names(fields).any(|known| known == &*name.value)) {
        let unknown = || {
            let hint = did_you_mean(&name.value, fields.into_iter().flat_map(names));
            Diagnostic::error("unknown-argument", format!("there is no block `{}` here", name.value))
                .at(name.span, "unknown block")
                .maybe_help(hint)
        };
        found.push(not_dynamic(block).unwrap_or_else(unknown));
        return None;
    }
    let mut own =
        Fields::new(&block.body, "a `dynamic` block", (&DYNAMIC.argument_names(), DYNAMIC.blocks), found);
    let collection = own.required("for_each", block).cloned();
    let iterator = own.attribute("iterator").map(|attribute| attribute.expression.clone());
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
    let (Some(inner), None) = (contents.next(), contents.next()) else {
        if block.body.blocks.iter().all(|inner| &*inner.kind.value == "content") {
            found.push(
                Diagnostic::error("missing-block", "a `dynamic` block has one `content` block")
                    .marked(block.header, "here")
                    .help("add `content { … }` with the arguments of each block"),
            );
        }
        return None;
    };
    let result = content(inner, &name.value, fields, found);
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
fn object(body: &Body, span: Span, fields: Option<&[Field]>, found: &mut Diagnostics) -> Expression {
    let nested = gather(body, fields, found);
    let items = body.attributes.iter().chain(&nested).map(|attribute| ObjectItem {
        key: literal(&attribute.name.value, attribute.name.span),
        value: attribute.expression.clone(),
    });
    expression(ExpressionKind::Object(items.collect()), span)
}

/// Joins all parts into one tuple; for an argument that takes one object, returns a single part as it is.
fn join(parts: impl Iterator<Item = Part>, takes_one: bool, span: Span) -> Expression {
    let parts: Vec<Part> = parts.collect();
    if parts.iter().all(|part| matches!(part, Part::One(_))) {
        let mut objects: Vec<_> =
            parts.into_iter().map(|(Part::One(part) | Part::Many(part))| part).collect();
        if takes_one && objects.len() == 1 {
            return objects.remove(0);
        }
        return expression(ExpressionKind::Tuple(objects), span);
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
