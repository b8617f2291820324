//! Reads `validation`, `precondition`, `postcondition` and `assert` blocks.

use crate::diagnostic::{Diagnostics, with_article};
use crate::runbook::Rule;
use crate::syntax::{Block, Body};

use super::fields::{Fields, labels};

/// Reads the rules in the blocks of that kind in `body`.
pub fn rules(body: &Body, kind: &str, found: &mut Diagnostics) -> Vec<Rule> {
    body.blocks_of(kind).filter_map(|block| rule(block, found)).collect()
}

fn rule(block: &Block, found: &mut Diagnostics) -> Option<Rule> {
    labels(block, [], found)?;
    let noun = format!("{} block", with_article(&block.kind.value));
    let mut fields = Fields::new(&block.body, &noun, (&["condition", "error_message"], &[]), found);
    let condition = fields.required("condition", block).cloned();
    let message = fields.required("error_message", block).cloned();
    Some(Rule { condition: condition?, message: message?, header: block.header })
}
