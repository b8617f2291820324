//! Reads `validation`, `precondition`, `postcondition` and `assert` blocks.

use crate::diagnostic::{Diagnostics, with_article};
use crate::runbook::Rule;
use crate::runbook::block_type::{BlockArgument, BlockType, required};
use crate::syntax::{Block, Body};

use super::fields::{Fields, labels};

const CONDITION: &str = "Must be true.";
const MESSAGE: &str = "The text that says what is wrong when it is not.";

/// The arguments of each of the four blocks.
const ARGUMENTS: [BlockArgument; 2] =
    [required("condition", "bool", CONDITION), required("error_message", "text", MESSAGE)];

pub const VALIDATION: BlockType = BlockType {
    name: "validation",
    labels: &[],
    within: &["variable"],
    docs: "A condition on the value of the variable, checked before anything runs; may be repeated.",
    arguments: &ARGUMENTS,
    blocks: &[],
    further: None,
    example: r#"variable "size" {
  type    = number
  default = 3

  validation {
    condition     = var.size > 0
    error_message = "The size must be positive, not ${var.size}."
  }
}

output "size" {
  value = var.size
}
"#,
};

pub const PRECONDITION: BlockType = BlockType {
    name: "precondition",
    labels: &[],
    within: &["step", "output"],
    docs: "A condition that is checked before the step runs or the output is evaluated; may be repeated.",
    arguments: &ARGUMENTS,
    blocks: &[],
    further: None,
    example: r#"step "metadata" "machine" {}

step "echo" "hello" {
  input = step.metadata.machine.name

  precondition {
    condition     = step.metadata.machine.location != ""
    error_message = "The machine says no location."
  }
}

output "hello" {
  value = step.echo.hello.output
}
"#,
};

pub const POSTCONDITION: BlockType = BlockType {
    name: "postcondition",
    labels: &[],
    within: &["step"],
    docs: "A condition on `self`, the results of the step, checked after it ran; may be repeated.",
    arguments: &ARGUMENTS,
    blocks: &[],
    further: None,
    example: r#"step "metadata" "machine" {
  postcondition {
    condition     = self.location == "westeurope"
    error_message = "The machine is in ${self.location}."
  }
}

output "name" {
  value = step.metadata.machine.name
}
"#,
};

pub const ASSERT: BlockType = BlockType {
    name: "assert",
    labels: &[],
    within: &["check"],
    docs: "A condition of a check: a false one is a warning, and the run continues; may be repeated.",
    arguments: &ARGUMENTS,
    blocks: &[],
    further: None,
    example: r#"step "metadata" "machine" {}

check "place" {
  assert {
    condition     = startswith(step.metadata.machine.location, "west")
    error_message = "The machine is not in the west."
  }
}
"#,
};

/// Reads the rules in the blocks of that kind in `body`.
pub fn rules(body: &Body, kind: &str, found: &mut Diagnostics) -> Vec<Rule> {
    body.blocks_of(kind).filter_map(|block| rule(block, found)).collect()
}

fn rule(block: &Block, found: &mut Diagnostics) -> Option<Rule> {
    labels(block, [], found)?;
    let noun = format!("{} block", with_article(&block.kind.value));
    let mut fields =
        Fields::new(&block.body, &noun, (&VALIDATION.argument_names(), VALIDATION.blocks), found);
    let condition = fields.required("condition", block).cloned();
    let message = fields.required("error_message", block).cloned();
    Some(Rule { condition: condition?, message: message?, header: block.header })
}
