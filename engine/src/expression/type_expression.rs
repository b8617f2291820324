//! Evaluates type expressions: `list(string)`, `object({ a = optional(number, 3) })`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Scope, constant, foreign};
use crate::diagnostic::{Diagnostic, Diagnostics, did_you_mean};
use crate::source::Span;
use crate::syntax::{Call, Expression, ExpressionKind, ObjectItem};
use crate::value::{AttributeConstraint, TypeConstraint};

const NAMES: [&str; 9] = ["any", "bool", "list", "map", "number", "object", "set", "string", "tuple"];

/// Converts `expression` to a type constraint; the defaults of optional attributes are evaluated in `scope`.
///
/// As in Terraform, `list` and `map` alone are `list(any)` and `map(any)`.
pub fn type_constraint(expression: &Expression, scope: &dyn Scope) -> Result<TypeConstraint, Diagnostics> {
    match &expression.kind {
        ExpressionKind::Parenthesis(inner) => type_constraint(inner, scope),
        ExpressionKind::Invalid => Ok(TypeConstraint::Any),
        ExpressionKind::Variable(name) => named(name, expression.span).map_err(|error| (*error).into()),
        ExpressionKind::Call(call) => constructed(call, expression.span, scope),
        ExpressionKind::Literal(value) if value.as_str().is_some_and(|name| NAMES.contains(&name)) => {
            let name = value.as_str().unwrap_or_default();
            let help = format!("write `{name}` without quotes");
            let error = Diagnostic::error("invalid-type", "a type is written without quotes");
            Err(error.at(expression.span, "this is a text").help(help).into())
        }
        _ => Err(not_a_type(expression.span, "this is not a type").into()),
    }
}

fn not_a_type(at: Span, label: &str) -> Diagnostic {
    Diagnostic::error("invalid-type", "expected a type")
        .at(at, label)
        .help("the types are `string`, `number`, `bool`, `any`, `list(…)`, `set(…)`, `map(…)`, `tuple([…])` and `object({…})`")
}

fn named(name: &str, at: Span) -> Result<TypeConstraint, Box<Diagnostic>> {
    let needs = |example: &str| {
        Box::new(
            Diagnostic::error("invalid-type", format!("the type `{name}` needs an element type"))
                .at(at, "")
                .help(format!("write `{example}`")),
        )
    };
    Ok(match name {
        "any" => TypeConstraint::Any,
        "bool" => TypeConstraint::Bool,
        "number" => TypeConstraint::Number,
        "string" => TypeConstraint::String,
        "list" => TypeConstraint::List(Box::new(TypeConstraint::Any)),
        "map" => TypeConstraint::Map(Box::new(TypeConstraint::Any)),
        "set" => return Err(needs("set(string)")),
        "tuple" => return Err(needs("tuple([string, number])")),
        "object" => return Err(needs("object({ name = string })")),
        _ => return Err(Box::new(unknown(name, at))),
    })
}

fn unknown(name: &str, at: Span) -> Diagnostic {
    let error = Diagnostic::error("unknown-type", format!("there is no type `{name}`")).at(at, "not known");
    let translated = foreign::type_name(name).map(|here| format!("here it is called `{here}`"));
    match translated.or_else(|| did_you_mean(name, NAMES.into_iter().chain(["optional"]))) {
        Some(help) => error.help(help),
        None => error.help(format!("the types are {}", NAMES.map(|name| format!("`{name}`")).join(", "))),
    }
}

fn constructed(call: &Call, at: Span, scope: &dyn Scope) -> Result<TypeConstraint, Diagnostics> {
    let name = &*call.name.value;
    let [argument] = call.arguments.as_slice() else {
        return Err(wrong_count(name, call).into());
    };
    let element = || type_constraint(argument, scope).map(Box::new);
    match name {
        "list" => Ok(TypeConstraint::List(element()?)),
        "set" => Ok(TypeConstraint::Set(element()?)),
        "map" => Ok(TypeConstraint::Map(element()?)),
        "tuple" => match &argument.kind {
            ExpressionKind::Tuple(elements) => {
                let mut found = Diagnostics::new();
                let types =
                    elements.iter().filter_map(|one| found.take(type_constraint(one, scope))).collect();
                found.or(TypeConstraint::Tuple(types))
            }
            _ => Err(not_a_list_of_types(argument.span).into()),
        },
        "object" => match &argument.kind {
            ExpressionKind::Object(items) => object(items, scope),
            _ => Err(Diagnostic::error("invalid-type", "`object` takes its attributes in braces")
                .at(argument.span, "expected `{`")
                .help("write `object({ name = string, size = number })`")
                .into()),
        },
        "optional" => Err(misplaced_optional(at).into()),
        _ => Err(unknown_or_plain(name, call).into()),
    }
}

fn not_a_list_of_types(at: Span) -> Diagnostic {
    Diagnostic::error("invalid-type", "`tuple` takes its types in brackets")
        .at(at, "expected `[`")
        .help("write `tuple([string, number])`")
}

fn misplaced_optional(at: Span) -> Diagnostic {
    Diagnostic::error("invalid-type", "`optional` is only for attributes of an object type")
        .at(at, "")
        .help("write `object({ name = optional(string) })`; a variable is optional when it has a `default`")
}

fn wrong_count(name: &str, call: &Call) -> Diagnostic {
    if name == "optional" {
        return misplaced_optional(call.name.span);
    }
    if !NAMES.contains(&name) {
        return unknown(name, call.name.span);
    }
    Diagnostic::error("invalid-type", format!("`{name}` takes one type, not {}", call.arguments.len()))
        .at(call.name.span, "")
        .help(match name {
            "tuple" => "write `tuple([string, number])`".to_owned(),
            "object" => "write `object({ name = string })`".to_owned(),
            _ => format!("write `{name}(string)`"),
        })
}

fn unknown_or_plain(name: &str, call: &Call) -> Diagnostic {
    if NAMES.contains(&name) {
        let help = format!("write `{name}` alone");
        Diagnostic::error("invalid-type", format!("`{name}` takes no element type"))
            .at(call.name.span, "")
            .help(help)
    } else {
        unknown(name, call.name.span)
    }
}

fn object(items: &[ObjectItem], scope: &dyn Scope) -> Result<TypeConstraint, Diagnostics> {
    let mut found = Diagnostics::new();
    let mut attributes = BTreeMap::new();
    for item in items {
        let Some(name) = attribute_name(&item.key) else {
            found.push(
                Diagnostic::error("invalid-type", "an attribute's name must be a plain name")
                    .at(item.key.span, "")
                    .help("write `name = string`"),
            );
            continue;
        };
        if let Some(attribute) = found.take(attribute(&item.value, scope)) {
            attributes.insert(name, attribute);
        }
    }
    found.or(TypeConstraint::Object(attributes))
}

fn attribute_name(key: &Expression) -> Option<Arc<str>> {
    match &key.kind {
        ExpressionKind::Literal(value) => value.as_str().map(Arc::from),
        _ => None,
    }
}

fn attribute(expression: &Expression, scope: &dyn Scope) -> Result<AttributeConstraint, Diagnostics> {
    let call = match &expression.kind {
        ExpressionKind::Call(call) if &*call.name.value == "optional" => call,
        _ => return Ok(AttributeConstraint::required(type_constraint(expression, scope)?)),
    };
    let (ty, default) = match call.arguments.as_slice() {
        [ty] => (ty, None),
        [ty, default] => (ty, Some(default)),
        _ => {
            return Err(Diagnostic::error("invalid-type", "`optional` takes a type and at most a default")
                .at(call.name.span, "")
                .help("write `optional(string)`, or `optional(string, \"default\")`")
                .into());
        }
    };
    let constraint = type_constraint(ty, scope)?;
    let value = default.map(|default| constant(default, scope)).transpose()?;
    AttributeConstraint::optional(constraint, value.as_ref()).map_err(|error| {
        Diagnostic::error("wrong-type", "the default of an attribute is not of its type")
            .at(default.unwrap_or(ty).span, error.to_string())
            .into()
    })
}
