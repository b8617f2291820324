//! What the rules look at.

use std::collections::HashSet;

use crate::runbook::{Runbook, Target};
use crate::source::Sources;
use crate::syntax::Expression;

/// A runbook, its text, and what is referred to in it.
pub struct View<'a> {
    pub runbook: &'a Runbook,
    pub sources: &'a Sources,
    used: HashSet<Target>,
}

impl<'a> View<'a> {
    pub fn new(runbook: &'a Runbook, sources: &'a Sources) -> Self {
        let references = runbook.expressions().flat_map(Expression::references);
        let all = references.chain(runbook.waits().cloned());
        let used =
            all.filter_map(|reference| runbook.names.resolve(&reference).ok()).map(|(target, _)| target);
        Self { runbook, sources, used: used.collect() }
    }

    /// Whether anything refers to it or waits for it.
    pub fn is_used(&self, target: Target) -> bool {
        self.used.contains(&target)
    }

    /// Calls `visit` with every part of every expression.
    pub fn walk(&self, mut visit: impl FnMut(&Expression)) {
        for expression in self.runbook.expressions() {
            expression.walk(&mut visit);
        }
    }
}

/// Whether the writer says with the name that it may go unused.
pub fn is_exempt(name: &str) -> bool {
    name.starts_with('_')
}
