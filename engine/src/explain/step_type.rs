//! Explains a step type to authors of runbooks and to their tools.

use serde_json::{Value as Json, json};

use crate::runbook::{BLOCKS, STEP};
use crate::step::{Accepts, Effect, Field, Group, Response, Schema, Word};

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

/// Adds the arguments of a step or of a nested block, and the rules about several of them.
fn arguments(text: &mut String, indent: &str, fields: &[Field], groups: &[Group]) {
    if fields.is_empty() {
        line(text, format_args!("{indent}none"));
    }
    for field in fields {
        let kind = match field.block() {
            Some(block) if block.repeats => "blocks".to_owned(),
            Some(_) => "block".to_owned(),
            None => field.ty.friendly_name(),
        };
        let optional = if field.required { "" } else { ", optional" };
        let sensitive = if field.sensitive { ", sensitive" } else { "" };
        line(text, format_args!("{indent}{} ({kind}{optional}{sensitive})", field.name));
        let inner = format!("{indent}    ");
        indented(text, &inner, field.docs);
        accepted(text, &inner, &field.accepts);
    }
    for group in groups {
        line(text, format_args!("{indent}{}", sentence(&group.words())));
    }
}

/// Returns a fragment as a sentence.
fn sentence(fragment: &str) -> String {
    let mut letters = fragment.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).chain(['.']).collect()
}

/// Adds the values that an argument accepts beyond its type.
fn accepted(text: &mut String, indent: &str, accepts: &Accepts) {
    match accepts {
        Accepts::All => {}
        Accepts::Form(form) => indented(text, indent, form),
        Accepts::Range(least, most) => {
            line(text, format_args!("{indent}A whole number from {least} to {most}."));
        }
        Accepts::Words(words) => {
            for word in *words {
                line(text, format_args!("{indent}\"{}\"", word.name));
                indented(text, &format!("{indent}    "), word.docs);
            }
        }
        Accepts::Block(block) => arguments(text, indent, &block.fields, block.groups),
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

fn argument_json(field: &Field) -> Json {
    json!({
        "name": field.name,
        "type": if field.block().is_some() { "block".to_owned() } else { field.ty.friendly_name() },
        "accepts": accepts_json(&field.accepts),
        "required": field.required,
        "sensitive": field.sensitive,
        "docs": field.docs,
    })
}

fn accepts_json(accepts: &Accepts) -> Json {
    match accepts {
        Accepts::All => Json::Null,
        Accepts::Form(form) => json!({ "form": form }),
        Accepts::Range(least, most) => json!({ "least": least, "most": most }),
        Accepts::Words(words) => {
            let word = |word: &Word| json!({ "word": word.name, "docs": word.docs });
            json!({ "words": words.iter().map(word).collect::<Json>() })
        }
        Accepts::Block(block) => json!({
            "arguments": block.fields.iter().map(argument_json).collect::<Json>(),
            "groups": groups_json(block.groups),
            "repeats": block.repeats,
        }),
    }
}

fn groups_json(groups: &[Group]) -> Json {
    groups.iter().map(|group| json!({ "rule": group.rule.as_str(), "arguments": group.arguments })).collect()
}
