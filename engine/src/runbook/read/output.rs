//! Reads `output "name" { … }`.

use crate::diagnostic::Diagnostics;
use crate::runbook::block_type::{BlockType, optional, required};
use crate::runbook::{Output, Runbook};
use crate::syntax::Block;

use super::fields::{Fields, labels};
use super::rule::rules;
use super::twice;

pub const BLOCK: BlockType = BlockType {
    name: "output",
    labels: &["name"],
    within: &[],
    docs: "A result of the runbook: arcbook prints it at the end of a run, and a runbook that uses this one as a module can refer to it.",
    arguments: &[
        required("value", "any", "The value."),
        optional("description", "text", "The meaning of the value."),
        optional("sensitive", "bool", "Hides the value; required for a sensitive value.").or("false"),
        optional("ephemeral", "bool", "Keeps the value out of records; only in a module.").or("false"),
        optional(
            "depends_on",
            "list of steps and modules",
            "Steps and modules to wait for, in addition to those in references.",
        ),
    ],
    blocks: &["precondition"],
    further: None,
    example: r#"step "metadata" "machine" {}

output "machine" {
  value       = step.metadata.machine.name
  description = "The name of this machine."
}
"#,
};

pub fn read(runbook: &mut Runbook, block: &Block, found: &mut Diagnostics) {
    let Some([name]) = labels(block, ["name"], found) else { return };
    if let Some(earlier) = runbook.outputs.iter().find(|output| output.name.value == name.value) {
        found.push(twice(&format!("the output `{}`", name.value), name.span, earlier.name.span));
    }
    let mut fields =
        Fields::new(&block.body, "an `output` block", (&BLOCK.argument_names(), BLOCK.blocks), found);
    let description = fields.text("description").map(|text| text.value);
    let secrecy = fields.secrecy();
    let depends_on = fields.references("depends_on");
    let value = fields.required("value", block).cloned();
    let preconditions = rules(&block.body, "precondition", found);
    let Some(expression) = value else { return };
    runbook.outputs.push(Output { name, description, expression, secrecy, preconditions, depends_on });
}
