//! Explains a kind of identity to authors of runbooks and to their tools.

use serde_json::{Value as Json, json};

use crate::step::IdentitySchema;

use super::arguments::{argument_json, arguments, groups_json};
use super::lines::{indented, line};

/// Returns the arguments and an example of a kind as plain Markdown.
pub(super) fn text(schema: &IdentitySchema) -> String {
    let mut text = String::new();
    line(&mut text, format_args!("identity \"{}\" \"name\" {{ … }}\n\n{}", schema.name, schema.docs));
    line(&mut text, format_args!("\nArguments"));
    arguments(&mut text, "  ", &schema.arguments, schema.groups);
    line(&mut text, format_args!("\nExample"));
    indented(&mut text, "  ", schema.example);
    text
}

/// The same for tools.
pub(super) fn json(schema: &IdentitySchema) -> Json {
    json!({
        "identity": schema.name,
        "docs": schema.docs,
        "example": schema.example,
        "arguments": schema.arguments.iter().map(argument_json).collect::<Json>(),
        "groups": groups_json(schema.groups),
    })
}
