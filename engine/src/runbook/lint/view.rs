//! Provides the view of a runbook for the rules.

use std::path::Path;

use crate::runbook::{Runbook, Target};
use crate::source::Sources;
use crate::syntax::Expression;

/// A runbook and its source text.
pub struct View<'a> {
    pub runbook: &'a Runbook,
    /// The directory of the root runbook, where relative paths start.
    pub base: &'a Path,
    pub sources: &'a Sources,
}

impl View<'_> {
    /// Returns true if any reference or dependency names the target.
    pub fn is_used(&self, target: Target) -> bool {
        self.runbook.used.contains(&target)
    }

    /// Calls `visit` with every part of every expression.
    pub fn walk(&self, mut visit: impl FnMut(&Expression)) {
        for expression in self.runbook.expressions() {
            expression.walk(&mut visit);
        }
    }
}

/// Returns true if the name declares that it may be unused.
pub fn is_exempt(name: &str) -> bool {
    name.starts_with('_')
}
