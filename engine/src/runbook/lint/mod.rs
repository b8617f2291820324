//! What is no error but is probably not meant: one file a rule.
//!
//! A warning must be right. A rule that cannot tell says nothing, and a name that begins with `_` is left alone.

mod implied_dependency;
mod needless_template;
mod never_equal;
mod repeated_key;
mod unread_step;
mod unused;
mod view;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::Sources;

use super::Runbook;
use view::View;

/// A rule: what it finds in a runbook without errors.
type Rule = fn(&View<'_>) -> Vec<Diagnostic>;

/// All rules; each begins with a file here.
const RULES: [Rule; 7] = [
    implied_dependency::check,
    needless_template::check,
    never_equal::check,
    repeated_key::check,
    unread_step::check,
    unused::variables,
    unused::locals,
];

/// Adds a warning for each lint thing in `runbook`, in which nothing is wrong.
pub fn check(runbook: &Runbook, sources: &Sources, found: &mut Diagnostics) {
    let view = View::new(runbook, sources);
    for rule in RULES {
        found.extend(rule(&view));
    }
}
