//! Defines the repetition of blocks.

use crate::source::Span;
use crate::syntax::Expression;

use super::{Runbook, Target};

/// The `count` or `for_each` of a step or a module.
#[derive(Clone, Debug)]
pub enum Repetition {
    /// `count = number`: one instance for each number from 0.
    Count(Expression),
    /// `for_each = map or set of strings`: one instance for each key.
    ForEach(Expression),
}

impl Repetition {
    /// Returns the expression.
    #[must_use]
    pub fn expression(&self) -> &Expression {
        match self {
            Self::Count(expression) | Self::ForEach(expression) => expression,
        }
    }

    /// Returns `count` or `for_each`.
    #[must_use]
    pub fn keyword(&self) -> &'static str {
        match self {
            Self::Count(_) => "count",
            Self::ForEach(_) => "for_each",
        }
    }

    /// Returns the name that describes the current instance: `count` or `each`.
    #[must_use]
    pub fn root(&self) -> &'static str {
        match self {
            Self::Count(_) => "count",
            Self::ForEach(_) => "each",
        }
    }

    /// Returns the span of the expression.
    #[must_use]
    pub fn span(&self) -> Span {
        self.expression().span
    }
}

impl Runbook {
    /// Returns the step that this repetition follows instance by instance: `for_each = step.type.name`, if
    /// that step has `for_each` too.
    ///
    /// `each.value` of an instance then depends only on the corresponding instance.
    #[must_use]
    pub fn follows(&self, step: usize) -> Option<usize> {
        let Some(Repetition::ForEach(expression)) = &self.steps[step].repetition else { return None };
        let reference = expression.as_reference()?;
        let (Target::Step(other), used) = self.names.resolve(&reference).ok()? else { return None };
        let is_repeated = matches!(self.steps[other].repetition, Some(Repetition::ForEach(_)));
        (is_repeated && used == reference.path.len()).then_some(other)
    }
}
