//! Converts blocks to declarations, with one file per kind of block.

mod check;
mod control;
mod fields;
mod identity;
mod limits;
mod locals;
mod module;
mod nested;
mod output;
mod own_block;
mod record;
mod repetition;
mod requirements;
mod rule;
mod settings;
mod step;
mod variable;

pub use fields::is_meant;

use crate::diagnostic::{Diagnostic, Diagnostics, Severity, did_you_mean};
use crate::source::Span;
use crate::step::Registry;
use crate::syntax::{Attribute, Block, Body, ExpressionKind};

use super::Runbook;
use super::block_type::BlockType;

pub use identity::BLOCK as IDENTITY;
pub use record::BLOCK as RECORD;
pub use step::BLOCK as STEP;

/// All kinds of blocks, each after the ones that it stands in.
pub const BLOCKS: [&BlockType; 17] = [
    &settings::BLOCK,
    &record::BLOCK,
    &variable::BLOCK,
    &rule::VALIDATION,
    &locals::BLOCK,
    &identity::BLOCK,
    &step::BLOCK,
    &control::RETRY,
    &control::UNTIL,
    &rule::PRECONDITION,
    &rule::POSTCONDITION,
    &nested::DYNAMIC,
    &nested::CONTENT,
    &module::BLOCK,
    &check::BLOCK,
    &rule::ASSERT,
    &output::BLOCK,
];

/// The kinds of blocks that stand at the top of a file.
pub fn kinds() -> impl Iterator<Item = &'static str> {
    BLOCKS.iter().filter(|block| block.within.is_empty()).map(|block| block.name)
}

/// Adds the declarations of one file to `runbook`.
pub fn file(runbook: &mut Runbook, body: Body, registry: &Registry) -> Diagnostics {
    let mut found = Diagnostics::new();
    for attribute in &body.attributes {
        found.push(
            Diagnostic::error("unexpected-argument", "an argument outside of a block")
                .at(attribute.name.span, "not inside any block")
                .help(format!("to name a value write `locals {{ {} = … }}`", attribute.name.value)),
        );
    }
    for block in body.blocks {
        match &*block.kind.value {
            "runbook" => settings::read(runbook, &block, registry, &mut found),
            "variable" => variable::read(runbook, &block, &mut found),
            "locals" => locals::read(runbook, block, &mut found),
            "identity" => identity::read(runbook, block, registry, &mut found),
            "step" => step::read(runbook, block, registry, &mut found),
            "module" => module::read(runbook, block, &mut found),
            "check" => check::read(runbook, &block, &mut found),
            "output" => output::read(runbook, &block, &mut found),
            _ => found.push(unknown_block(&block, registry)),
        }
    }
    found
}

fn unknown_block(block: &Block, registry: &Registry) -> Diagnostic {
    let kind = &*block.kind.value;
    let remedy = match kind {
        "resource" | "data" => Some("a runbook has steps instead: `step \"type\" \"name\" { … }`".to_owned()),
        "terraform" => Some("the settings of a runbook go in `runbook { … }`".to_owned()),
        "provider" => {
            Some("no provider is needed: a runbook acts as the machine's managed identity, or as those of `identity \"kind\" \"name\" { … }`".to_owned())
        }
        _ if registry.get(kind).is_some() => Some(format!("write `step \"{kind}\" \"name\" {{ … }}`")),
        _ if registry.identity(kind).is_some() => {
            Some(format!("write `identity \"{kind}\" \"name\" {{ … }}`"))
        }
        _ => did_you_mean(kind, kinds()),
    };
    Diagnostic::error("unknown-block", format!("a runbook has no block `{kind}`"))
        .at(block.kind.span, "unknown kind of block")
        .help(remedy.unwrap_or_else(|| format!("the blocks are {}", quoted(kinds()))))
}

/// Returns the error that `what` is declared at `again` under a name already declared at `first`.
fn twice(what: &str, again: Span, first: Span) -> Diagnostic {
    Diagnostic::error("duplicate-name", format!("{what} is declared twice"))
        .marked(again, "declared again here")
        .also(first, "first declared here")
        .help("rename one of them")
}

/// Returns the names in backquotes, separated by commas.
fn quoted<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Returns true if all of a block could be read: `messages`, those about it, have no error.
fn is_whole<'a>(body: &Body, mut messages: impl Iterator<Item = &'a Diagnostic>) -> bool {
    let is_read = |attribute: &Attribute| !matches!(attribute.expression.kind, ExpressionKind::Invalid);
    let is_wrong = messages.any(|message| message.severity == Severity::Error);
    !is_wrong && body.is_whole() && body.attributes.iter().all(is_read)
}
