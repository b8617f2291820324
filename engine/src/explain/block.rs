//! A kind of block, for people and for tools.

use serde_json::{Value as Json, json};

use super::arguments::{argument_json, arguments};
use super::lines::{entry, indented, line};
use crate::runbook::{Absent, BlockArgument, BlockType};
use crate::step::RecordStoreSchema;

/// The form of a block, its arguments and blocks, and an example.
pub(super) fn text(block: &BlockType, added: Option<&RecordStoreSchema>) -> String {
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
    if let Some(added) = added {
        arguments(&mut text, "  ", &added.arguments, added.groups);
    }
    match block.further {
        _ if added.is_some() => {}
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
pub(super) fn json(block: &BlockType, added: Option<&RecordStoreSchema>) -> Json {
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
    let added_arguments = added.iter().flat_map(|added| &added.arguments).map(argument_json);
    json!({
        "block": block.name,
        "labels": block.labels,
        "within": block.within,
        "docs": block.docs,
        "arguments": block.arguments.iter().map(argument).chain(added_arguments).collect::<Json>(),
        "further_arguments": block.further.filter(|_| added.is_none()),
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
