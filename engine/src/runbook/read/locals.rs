//! Reads `locals { … }`.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::runbook::block_type::BlockType;
use crate::runbook::{Local, Runbook};
use crate::syntax::Block;

use super::fields::labels;
use super::twice;

pub const BLOCK: BlockType = BlockType {
    name: "locals",
    labels: &[],
    within: &[],
    docs: "Named values, one for each argument: `local.name`.",
    arguments: &[],
    blocks: &[],
    further: Some("a name of your own for each value"),
    example: r#"locals {
  regions = ["west", "east"]
  count   = length(local.regions)
}

output "count" {
  value = local.count
}
"#,
};

pub fn read(runbook: &mut Runbook, block: Block, found: &mut Diagnostics) {
    if labels(&block, [], found).is_none() {
        return;
    }
    for nested in &block.body.blocks {
        found.push(
            Diagnostic::error("unknown-argument", "a `locals` block holds names and values, no blocks")
                .at(nested.kind.span, "unexpected block")
                .help(format!("for an object write `{} = {{ … }}`", nested.kind.value)),
        );
    }
    for attribute in block.body.attributes {
        let (what, span) = (format!("the local value `{}`", attribute.name.value), attribute.name.span);
        let local = Local { name: attribute.name, expression: attribute.expression };
        let earlier = runbook.declare_local(local);
        found.extend(earlier.map(|earlier| twice(&what, span, runbook.locals[earlier].name.span)));
    }
}
