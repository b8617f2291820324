//! Explains a step type to authors of runbooks and to their tools.

use std::fmt::Write;

use serde_json::{Value as Json, json};

use super::{Effect, Field, Response, Schema};

/// The arguments and blocks of every step, with their documentation.
const COMMON: [(&str, &str); 14] = [
    ("description", "what it is for"),
    ("count, for_each", "how often there is one"),
    ("depends_on", "what it waits for beside what it refers to"),
    ("when", "whether it is run at all; what it gives is null when it is not"),
    ("run_on", "\"success\" (the default), \"failure\" or \"always\" of what it waits for"),
    ("timeout", "how long it may take, all attempts together, such as \"30s\""),
    ("retry { … }", "attempts, delay, max_delay, factor, jitter, timeout, on, condition"),
    ("until { … }", "condition over self, delay, attempts, timeout: repeats until it holds"),
    ("on_error", "\"stop\" (the default) or \"continue\" without what it gives"),
    ("precondition { … }", "condition, error_message: what must hold before it"),
    ("postcondition { … }", "condition, error_message: what must hold of self after it"),
    ("extract", "names to JMESPath queries of the response"),
    ("sensitive", "whether everything it gives is a secret"),
    ("dynamic \"name\" { … }", "for_each, content: writes blocks"),
];

/// Describes the arguments and outputs of a step type in simple Markdown.
#[must_use]
pub fn explain(schema: &Schema) -> String {
    let mut text = String::new();
    let effect = match schema.effect {
        Effect::Nothing => "computes from its arguments alone",
        Effect::Reads => "reads; nothing is changed",
        Effect::Changes if schema.idempotent => {
            "changes something; a run asks first. Doing it twice comes to the same as doing it once"
        }
        Effect::Changes => "changes something; a run asks first",
    };
    line(
        &mut text,
        format_args!("step \"{}\" \"name\" {{ … }}\n\n{}\n\nIt {effect}.", schema.name, schema.docs),
    );
    section(&mut text, "Takes", &schema.arguments, |field| {
        if field.required { String::new() } else { ", optional".to_owned() }
    });
    section(&mut text, "Gives", &schema.outputs, output_notes);
    if schema.response != Response::None {
        let sensitive = if schema.response == Response::Sensitive { ", sensitive" } else { "" };
        entry(&mut text, "body", &format!("any{sensitive}"), "The response as it came, JSON parsed.");
        entry(
            &mut text,
            "extract",
            &format!("object{sensitive}"),
            "What `extract` takes out of the response.",
        );
    }
    line(&mut text, format_args!("\nEvery step also takes"));
    for (name, docs) in COMMON.iter().filter(|(name, _)| takes(schema, name)) {
        line(&mut text, format_args!("  {name:<24} {docs}"));
    }
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
        [one] => format!(", sensitive where `{one}` is"),
        several => format!(", sensitive where one of `{}` is", several.join("`, `")),
    };
    format!("{null}{inherits}")
}

/// Returns true if a step of that type accepts the common argument `name`.
fn takes(schema: &Schema, name: &str) -> bool {
    match name {
        "extract" => schema.response != Response::None,
        "until { … }" => schema.effect != Effect::Changes || schema.idempotent,
        _ => true,
    }
}

fn section(text: &mut String, title: &str, fields: &[Field], more: impl Fn(&Field) -> String) {
    line(text, format_args!("\n{title}"));
    if fields.is_empty() {
        line(text, format_args!("  nothing of its own"));
    }
    for field in fields {
        entry(text, field.name, &format!("{}{}", field.ty.friendly_name(), more(field)), field.docs);
    }
}

fn entry(text: &mut String, name: &str, what: &str, docs: &str) {
    line(text, format_args!("  {name} ({what})"));
    for sentence in docs.lines() {
        line(text, format_args!("{}", format!("      {sentence}").trim_end()));
    }
}

fn line(text: &mut String, what: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{what}");
}

/// Describes a step type as JSON.
#[must_use]
pub fn explain_json(schema: &Schema) -> Json {
    let field = |field: &Field| {
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
        "effect": schema.effect.as_str(),
        "idempotent": schema.effect != Effect::Changes || schema.idempotent,
        "arguments": schema.arguments.iter().map(field).collect::<Json>(),
        "outputs": schema.outputs.iter().map(field).collect::<Json>(),
        "has_response": schema.response != Response::None,
    })
}
