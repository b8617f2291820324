//! How often there is a block.

use crate::source::Span;
use crate::syntax::Expression;

/// `count` or `for_each` of a step or a module.
#[derive(Clone, Debug)]
pub enum Repetition {
    /// `count = number`: once for each number from 0.
    Count(Expression),
    /// `for_each = map or set of strings`: once for each key.
    ForEach(Expression),
}

impl Repetition {
    /// The expression.
    #[must_use]
    pub fn expression(&self) -> &Expression {
        match self {
            Self::Count(expression) | Self::ForEach(expression) => expression,
        }
    }

    /// `count` or `for_each`.
    #[must_use]
    pub fn keyword(&self) -> &'static str {
        match self {
            Self::Count(_) => "count",
            Self::ForEach(_) => "for_each",
        }
    }

    /// The name by which the block refers to which of its instances it is: `count` or `each`.
    #[must_use]
    pub fn root(&self) -> &'static str {
        match self {
            Self::Count(_) => "count",
            Self::ForEach(_) => "each",
        }
    }

    /// Where it was written.
    #[must_use]
    pub fn span(&self) -> Span {
        self.expression().span
    }
}
