//! A kind of block, for people and for tools.

use serde_json::{Value as Json, json};

use super::lines::{entry, indented, line};
use crate::runbook::{Absent, BlockArgument, BlockType};

/// The form of a block, its arguments and blocks, and an example.
pub(super) fn text(block: &BlockType) -> String {
    let mut text = String::new();
    line(&mut text, format_args!("{}", block.form()));
    line(&mut text, format_args!("\n{}", block.docs));
    if !block.within.is_empty() {
        line(&mut text, format_args!("\nAllowed in {}.", quoted(block.within, " or ")));
    }
    line(&mut text, format_args!("\nArguments"));
    for argument in block.arguments {
        entry(&mut text, argument.name, &remark(argument), argument.docs);
    }
    match block.further {
        Some(further) => line(&mut text, format_args!("  and {further}")),
        None if block.arguments.is_empty() => line(&mut text, format_args!("  none")),
        None => {}
    }
    if !block.blocks.is_empty() {
        line(&mut text, format_args!("\nBlocks\n  {}", quoted(block.blocks, ", ")));
    }
    line(&mut text, format_args!("\nExample"));
    indented(&mut text, "  ", block.example);
    text
}

/// The same for tools.
pub(super) fn json(block: &BlockType) -> Json {
    let argument = |argument: &BlockArgument| {
        let default = match argument.default {
            Absent::Is(default) => Some(default),
            Absent::Refused | Absent::Nothing => None,
        };
        json!({
            "name": argument.name,
            "type": argument.ty,
            "required": argument.default == Absent::Refused,
            "default": default,
            "docs": argument.docs,
        })
    };
    json!({
        "block": block.name,
        "labels": block.labels,
        "within": block.within,
        "docs": block.docs,
        "arguments": block.arguments.iter().map(argument).collect::<Json>(),
        "further_arguments": block.further,
        "blocks": block.blocks,
        "example": block.example,
    })
}

fn remark(argument: &BlockArgument) -> String {
    match argument.default {
        Absent::Refused => argument.ty.to_owned(),
        Absent::Nothing => format!("{}, optional", argument.ty),
        Absent::Is(default) => format!("{}, default {default}", argument.ty),
    }
}

fn quoted(names: &[&str], between: &str) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(between)
}
