//! Explains the arguments that a type declares.

use serde_json::{Value as Json, json};

use crate::step::{Accepts, Field, Group, Word};

use super::lines::{indented, line};

/// Adds the arguments of a step, an identity or a nested block, and the rules about several of them.
pub fn arguments(text: &mut String, indent: &str, fields: &[Field], groups: &[Group]) {
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
        Accepts::Form(form) | Accepts::Written(form, _) => indented(text, indent, form),
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

/// Returns an argument for tools.
pub fn argument_json(field: &Field) -> Json {
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
        Accepts::Form(form) | Accepts::Written(form, _) => json!({ "form": form }),
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

/// Returns the rules about several arguments for tools.
pub fn groups_json(groups: &[Group]) -> Json {
    groups.iter().map(|group| json!({ "rule": group.rule.as_str(), "arguments": group.arguments })).collect()
}
