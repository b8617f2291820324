//! Finds the parts of a literal by their path.

use super::{Expression, ExpressionKind};
use crate::source::Span;
use crate::value::PathStep;

/// Returns the part of a literal that `step` leads to, and the position of its key; none if the expression computes
/// it.
#[must_use]
pub fn inside<'e>(expression: &'e Expression, step: &PathStep) -> Option<(&'e Expression, Option<Span>)> {
    match (&expression.kind, step) {
        (ExpressionKind::Parenthesis(inner), _) => inside(inner, step),
        (ExpressionKind::Tuple(elements), PathStep::Index(at)) => Some((elements.get(*at)?, None)),
        (ExpressionKind::Object(items), PathStep::Attribute(name) | PathStep::Key(name)) => {
            let is_it = |key: &Expression| match &key.kind {
                ExpressionKind::Literal(value) => value.as_str() == Some(name),
                _ => false,
            };
            // The last of two counts.
            let item = items.iter().rev().find(|item| is_it(&item.key))?;
            Some((&item.value, Some(item.key.span)))
        }
        _ => None,
    }
}
