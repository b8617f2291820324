//! Reads `check "name" { … }`.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::runbook::block_type::BlockType;
use crate::runbook::{Check, Runbook};
use crate::syntax::Block;

use super::fields::{Fields, labels};
use super::rule::rules;
use super::twice;

pub const BLOCK: BlockType = BlockType {
    name: "check",
    labels: &["name"],
    within: &[],
    docs: "Assertions that are checked at the end; a false one is a warning, and the run continues.",
    arguments: &[],
    blocks: &["assert"],
    further: None,
    example: r#"step "metadata" "machine" {}

check "named" {
  assert {
    condition     = length(step.metadata.machine.name) > 0
    error_message = "The machine has no name."
  }
}
"#,
};

pub fn read(runbook: &mut Runbook, block: &Block, found: &mut Diagnostics) {
    let Some([name]) = labels(block, ["name"], found) else { return };
    if let Some(earlier) = runbook.checks.iter().find(|check| check.name.value == name.value) {
        found.push(twice(&format!("the check `{}`", name.value), name.span, earlier.name.span));
    }
    Fields::new(&block.body, "a `check` block", (&BLOCK.argument_names(), BLOCK.blocks), found);
    // Another block may be meant to be one, and is an error already.
    if block.body.blocks.is_empty() && block.body.is_whole() {
        found.push(
            Diagnostic::error("missing-block", format!("the check `{}` has no assertion", name.value))
                .at(block.header, "there is no `assert` in it")
                .help("add `assert { condition = …, error_message = \"…\" }`, each argument on its own line"),
        );
    }
    let rules = rules(&block.body, "assert", found);
    runbook.checks.push(Check { name, rules });
}
