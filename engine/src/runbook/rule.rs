//! Defines rules.

use std::sync::Arc;

use crate::source::{Span, Spanned};
use crate::syntax::Expression;

/// A condition with its error message: a `validation`, `precondition`, `postcondition` or `assert` block.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The condition.
    pub condition: Expression,
    /// The message if the condition is false.
    pub message: Expression,
    /// The keyword of the block.
    pub header: Span,
}

impl Rule {
    /// Returns both expressions.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        [&self.condition, &self.message].into_iter()
    }
}

/// The block `check "name" { … }`, whose failure does not stop the run.
#[derive(Clone, Debug)]
pub struct Check {
    /// The name.
    pub name: Spanned<Arc<str>>,
    /// Its `assert` blocks.
    pub rules: Vec<Rule>,
}
