//! What must hold.

use std::sync::Arc;

use crate::source::{Span, Spanned};
use crate::syntax::Expression;

/// A condition and what to say when it does not hold: `validation`, `precondition`, `postcondition`, `assert`.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Must be true.
    pub condition: Expression,
    /// What to say when it is not.
    pub message: Expression,
    /// The word that the block begins with.
    pub header: Span,
}

impl Rule {
    /// Both expressions.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        [&self.condition, &self.message].into_iter()
    }
}

/// `check "name" { … }`: tells when something does not hold, and stops nothing.
#[derive(Clone, Debug)]
pub struct Check {
    /// The name.
    pub name: Spanned<Arc<str>>,
    /// Its `assert` blocks.
    pub rules: Vec<Rule>,
}
