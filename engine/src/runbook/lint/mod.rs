//! Warns about mistakes that are no errors, with one file per rule.
//!
//! A warning must be right: a rule that is not certain stays silent, and names that begin with `_` are
//! exempt.

mod foreign_template;
mod implied_dependency;
mod needless_template;
mod never_equal;
mod odd_query;
mod repeated_key;
mod template_call;
mod template_file;
mod text_direction;
mod unknown_member;
mod unread_step;
mod unused;
mod view;

use std::path::Path;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::Sources;

use super::Runbook;
pub use text_direction::reordering;
use view::View;

/// A rule, which returns the warnings for a valid runbook.
type Rule = fn(&View<'_>) -> Vec<Diagnostic>;

/// All rules; each has a file here.
const RULES: [Rule; 12] = [
    foreign_template::check,
    implied_dependency::check,
    needless_template::check,
    never_equal::check,
    odd_query::check,
    repeated_key::check,
    text_direction::check,
    unknown_member::check,
    unread_step::check,
    unused::variables,
    unused::locals,
    unused::identities,
];

/// Adds the warnings for `runbook`, which must be valid, and the mistakes in its template files. Relative paths start from `base`, the directory of the
/// root runbook.
pub fn check(runbook: &Runbook, base: &Path, sources: &mut Sources, found: &mut Diagnostics) {
    template_file::check(runbook, base, sources, found);
    let view = View { runbook, base, sources };
    for rule in RULES {
        found.extend(rule(&view));
    }
}
