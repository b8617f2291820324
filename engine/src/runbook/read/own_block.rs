//! `dynamic` blocks around the engine's own blocks, such as `retry`.
//!
//! A `dynamic` block generates an argument of a step type. The engine's own blocks are not arguments: they configure how
//! the engine runs a step or checks a value.

use crate::diagnostic::Diagnostic;
use crate::syntax::Block;

/// The engine's own blocks, each with the remedy for a `dynamic` block around it.
const BLOCKS: [(&str, &str); 6] = [
    (
        "retry",
        "write `retry { … }`, and let an argument of it decide: `attempts = var.is_flaky ? 5 : 1`, `on = var.codes`",
    ),
    (
        "until",
        "write `until { … }`, and let its condition decide: `condition = !var.waits || self.body.ready`",
    ),
    ("precondition", CONDITION),
    ("postcondition", CONDITION),
    ("validation", CONDITION),
    ("assert", CONDITION),
];

const CONDITION: &str =
    "write one block for all of them: `condition = alltrue([for one in var.list : one.size > 0])`";

/// Returns the error of a `dynamic` block around one of the engine's own blocks.
pub fn not_dynamic(block: &Block) -> Option<Diagnostic> {
    let name = block.labels.first().filter(|_| &*block.kind.value == "dynamic")?;
    let (own, remedy) = BLOCKS.iter().find(|(own, _)| *own == &*name.value)?;
    Some(
        Diagnostic::error("unknown-argument", format!("a `dynamic` block cannot make a `{own}` block"))
            .at(name.span, format!("`{own}` is a block of arcbook's own, not an argument of a step's type"))
            .help(*remedy),
    )
}
