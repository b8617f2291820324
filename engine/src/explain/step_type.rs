//! Explains a step type to authors of runbooks and to their tools.

use serde_json::{Value as Json, json};

use crate::runbook::{BLOCKS, STEP};
use crate::step::{Effect, Field, Response, Schema};

use super::arguments::{argument_json, arguments, groups_json};
use super::lines::{entry, indented, line};

/// Returns the arguments, outputs and an example of a step type as plain Markdown.
pub(super) fn text(schema: &Schema) -> String {
    let mut text = String::new();
    let effect = match schema.effect {
        Effect::Nothing => "computes from its arguments alone",
        Effect::Reads => "reads; changes nothing",
        Effect::Changes if schema.idempotent => {
            "changes something; a run asks first. Repeating it has no further effect"
        }
        Effect::Changes => "changes something; a run asks first",
    };
    line(
        &mut text,
        format_args!("step \"{}\" \"name\" {{ … }}\n\n{}\n\nIt {effect}.", schema.name, schema.docs),
    );
    line(&mut text, format_args!("\nArguments"));
    arguments(&mut text, "  ", &schema.arguments, schema.groups);
    line(&mut text, format_args!("\nOutputs"));
    if schema.outputs.is_empty() {
        line(&mut text, format_args!("  none"));
    }
    for field in &schema.outputs {
        entry(
            &mut text,
            field.name,
            &format!("{}{}", field.ty.friendly_name(), output_notes(field)),
            field.docs,
        );
    }
    if schema.response != Response::None {
        let sensitive = if schema.response == Response::Sensitive { ", sensitive" } else { "" };
        entry(&mut text, "body", &format!("any{sensitive}"), "The response; JSON is parsed.");
        entry(
            &mut text,
            "extract",
            &format!("object{sensitive}"),
            "The results of the queries in `extract`.",
        );
    }
    line(&mut text, format_args!("\nArguments of every step (`arcbook explain step`)"));
    let arguments = STEP.arguments.iter().map(|argument| (argument.name.to_owned(), argument.docs));
    let blocks = BLOCKS.iter().filter(|block| STEP.blocks.contains(&block.name));
    let blocks = blocks.map(|block| (block.form(), block.summary()));
    for (name, docs) in arguments.chain(blocks).filter(|(name, _)| takes(schema, name)) {
        line(&mut text, format_args!("  {name:<20} {docs}"));
    }
    line(&mut text, format_args!("\nExample"));
    indented(&mut text, "  ", schema.example);
    text
}

/// Describes the sensitivity of an output, and whether it may be null.
fn output_notes(field: &Field) -> String {
    if field.ephemeral {
        return ", sensitive, ephemeral".to_owned();
    }
    if field.sensitive {
        return ", sensitive".to_owned();
    }
    let null = if field.required { "" } else { ", may be null" };
    let inherits = match field.from {
        [] => String::new(),
        [one] => format!(", sensitive if `{one}` is"),
        several => format!(", sensitive if one of `{}` is", several.join("`, `")),
    };
    format!("{null}{inherits}")
}

/// Returns true if a step of that type accepts the common argument `name`.
fn takes(schema: &Schema, name: &str) -> bool {
    match name {
        "extract" => schema.response != Response::None,
        _ => true,
    }
}

/// The same for tools.
pub(super) fn json(schema: &Schema) -> Json {
    let output = |field: &Field| {
        json!({
            "name": field.name,
            "type": field.ty.friendly_name(),
            "required": field.required,
            "sensitive": field.sensitive,
            "ephemeral": field.ephemeral,
            "from": field.from,
            "docs": field.docs,
        })
    };
    json!({
        "type": schema.name,
        "docs": schema.docs,
        "example": schema.example,
        "effect": schema.effect.as_str(),
        "idempotent": schema.effect != Effect::Changes || schema.idempotent,
        "arguments": schema.arguments.iter().map(argument_json).collect::<Json>(),
        "groups": groups_json(schema.groups),
        "outputs": schema.outputs.iter().map(output).collect::<Json>(),
        "has_response": schema.response != Response::None,
    })
}
