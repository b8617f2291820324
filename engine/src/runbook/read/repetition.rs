//! Reads `count` and `for_each`.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::runbook::Repetition;
use crate::runbook::block_type::{BlockArgument, optional};
use crate::syntax::Body;

pub const COUNT: BlockArgument =
    optional("count", "number", "The number of instances, each with its `count.index`; excludes `for_each`.");
pub const FOR_EACH: BlockArgument = optional(
    "for_each",
    "map, object or set of text",
    "Makes one instance for each element, with its `each.key` and `each.value`.",
);

/// Reads the repetition of the block with that body.
pub fn read(body: &Body, found: &mut Diagnostics) -> Option<Repetition> {
    let count = body.attribute("count");
    let for_each = body.attribute("for_each");
    if let (Some(count), Some(for_each)) = (count, for_each) {
        found.push(
            Diagnostic::error("conflicting-arguments", "`count` and `for_each` exclude each other")
                .marked(for_each.name.span, "here")
                .also(count.name.span, "and here")
                .help("keep `for_each` when the instances have names, else `count`"),
        );
    }
    let count = count.map(|attribute| Repetition::Count(attribute.expression.clone()));
    count.or_else(|| for_each.map(|attribute| Repetition::ForEach(attribute.expression.clone())))
}
