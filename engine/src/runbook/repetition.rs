//! How often there is a block.

use crate::source::Span;
use crate::syntax::Expression;

use super::{Runbook, Target};

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

impl Runbook {
    /// The step of whose instances a step has one for each: `for_each = step.type.name`, where that has `for_each` too.
    ///
    /// What `each.value` is in one instance then depends on that one instance alone.
    #[must_use]
    pub fn follows(&self, step: usize) -> Option<usize> {
        let Some(Repetition::ForEach(expression)) = &self.steps[step].repetition else { return None };
        let reference = expression.as_reference()?;
        let (Target::Step(other), used) = self.names.resolve(&reference).ok()? else { return None };
        let is_repeated = matches!(self.steps[other].repetition, Some(Repetition::ForEach(_)));
        (is_repeated && used == reference.path.len()).then_some(other)
    }
}
