//! Reads `check "name" { … }`.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::runbook::{Check, Runbook};
use crate::syntax::Block;

use super::fields::{Fields, labels};
use super::rule::rules;
use super::twice;

pub fn read(runbook: &mut Runbook, block: &Block, found: &mut Diagnostics) {
    let Some([name]) = labels(block, ["name"], found) else { return };
    if let Some(earlier) = runbook.checks.iter().find(|check| check.name.value == name.value) {
        found.push(twice(&format!("the check `{}`", name.value), name.span, earlier.name.span));
    }
    Fields::new(&block.body, "a `check` block", (&[], &["assert"]), found);
    // Another block may be meant to be one, and is complained of.
    if block.body.blocks.is_empty() && block.body.is_whole() {
        found.push(
            Diagnostic::error("missing-block", format!("the check `{}` checks nothing", name.value))
                .at(block.header, "there is no `assert` in it")
                .help("add `assert { condition = …, error_message = \"…\" }`, each argument on its own line"),
        );
    }
    let rules = rules(&block.body, "assert", found);
    runbook.checks.push(Check { name, rules });
}
