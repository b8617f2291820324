//! `locals { … }`.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::runbook::{Local, Runbook};
use crate::syntax::Block;

use super::fields::labels;
use super::twice;

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
            found.push(twice(
                &format!("the local value `{}`", attribute.name.value),
                attribute.name.span,
                runbook.locals[earlier].name.span,
            ));
        }
        runbook.locals.push(Local { name: attribute.name, expression: attribute.expression });
    }
}
