//! Reads `output "name" { … }`.

use crate::diagnostic::Diagnostics;
use crate::runbook::{Output, Runbook};
use crate::syntax::Block;

use super::fields::{Fields, labels};
use super::rule::rules;
use super::twice;

pub fn read(runbook: &mut Runbook, block: &Block, found: &mut Diagnostics) {
    let Some([name]) = labels(block, ["name"], found) else { return };
    if let Some(earlier) = runbook.outputs.iter().find(|output| output.name.value == name.value) {
        found.push(twice(&format!("the output `{}`", name.value), name.span, earlier.name.span));
    }
    let known: [&str; 5] = ["value", "description", "sensitive", "ephemeral", "depends_on"];
    let mut fields = Fields::new(&block.body, "an `output` block", (&known, &["precondition"]), found);
    let description = fields.text("description").map(|text| text.value);
    let secrecy = fields.secrecy();
    let depends_on = fields.references("depends_on");
    let value = fields.required("value", block).cloned();
    let preconditions = rules(&block.body, "precondition", found);
    let Some(expression) = value else { return };
    runbook.outputs.push(Output { name, description, expression, secrecy, preconditions, depends_on });
}
