//! Explains null values in a failing expression by queries of steps that found nothing.

use std::sync::Arc;

use super::Evaluator;
use crate::diagnostic::Diagnostic;
use crate::expression::scope::{Scope, WhyNothing};
use crate::source::Spanned;
use crate::syntax::{Expression, ExpressionKind, Key, Reference, Segment, Traversal, TraversalStep};
use crate::value::{Data, Value};

impl Evaluator<'_> {
    /// Adds explanations for the references in `expression` that are null; if an index is invalid, also for empty lists.
    pub(super) fn because(&self, mut error: Diagnostic, expression: &Expression) -> Diagnostic {
        let counts_empty = error.code == "invalid-index";
        let null = self.references_within(expression).into_iter().filter(|reference| {
            self.known_prefix(reference)
                .is_some_and(|(_, value)| value.is_null() || (counts_empty && is_empty(&value)))
        });
        let whys: Vec<_> = null.filter_map(|reference| self.scope.why_nothing(&reference)).collect();
        for WhyNothing { detail, help } in whys {
            if error.append_detail(&detail) {
                // It precedes the general advice about null, and it is the reason, more than the label.
                error.help.splice(0..0, help);
                error.primary.iter_mut().for_each(|label| label.is_reason = false);
            }
        }
        error
    }

    /// Returns the references in `expression` to names of the scope, with computed indices evaluated.
    fn references_within(&self, expression: &Expression) -> Vec<Reference> {
        let names: Vec<_> = expression.references().iter().map(|reference| reference.root.span).collect();
        let mut found = Vec::new();
        expression.walk(&mut |part| {
            let ExpressionKind::Traversal(traversal) = &part.kind else { return };
            let ExpressionKind::Variable(name) = &traversal.base.kind else { return };
            if names.contains(&traversal.base.span) && self.bound_value(name).is_none() {
                found.push(self.reference(name, traversal));
            }
        });
        found
    }

    /// Returns the reference of a traversal, up to a splat or an index without a value.
    fn reference(&self, name: &Arc<str>, traversal: &Traversal) -> Reference {
        let mut reference = Reference::new(name, traversal.base.span, &traversal.steps);
        for step in traversal.steps.iter().skip(reference.path.len()) {
            let segment = match &step.value {
                TraversalStep::Attribute(name) => Segment::Attribute(Spanned::new(name.clone(), step.span)),
                TraversalStep::Index(key) => match self.key_of(key) {
                    Some(key) => Segment::Index(Spanned::new(key, step.span)),
                    None => break,
                },
                TraversalStep::Splat(_) => break,
            };
            reference.path.push(segment);
        }
        reference
    }

    fn key_of(&self, expression: &Expression) -> Option<Key> {
        let mut evaluator = Self { bound: self.bound.clone(), ..Self::new(self.scope) };
        let key = evaluator.evaluate(expression).ok()?;
        match key.data() {
            _ if key.is_marked() => None,
            Data::String(key) => Some(Key::String(key.clone())),
            Data::Number(key) => Some(Key::Number(key.clone())),
            _ => None,
        }
    }
}

/// Returns the references in `expression` to names of the scope, with computed indices evaluated.
pub(crate) fn references_within(expression: &Expression, scope: &dyn Scope) -> Vec<Reference> {
    Evaluator::new(scope).references_within(expression)
}

fn is_empty(value: &Value) -> bool {
    match value.data() {
        Data::Tuple(elements) | Data::List(_, elements) | Data::Set(_, elements) => elements.is_empty(),
        _ => false,
    }
}
