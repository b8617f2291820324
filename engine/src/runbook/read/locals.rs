//! `locals { … }`.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::runbook::{Local, Runbook};
use crate::syntax::Block;

use super::fields::labels;

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
        let index = runbook.locals.len();
        if let Some(earlier) = runbook.names.add_local(attribute.name.value.clone(), index) {
            found.push(
                Diagnostic::error(
                    "duplicate-name",
                    format!("the local value `{}` is declared twice", attribute.name.value),
                )
                .at(attribute.name.span, "declared again here")
                .also(runbook.locals[earlier].name.span, "first declared here")
                .help("give one of them another name"),
            );
        }
        runbook.locals.push(Local { name: attribute.name, expression: attribute.expression });
    }
}
