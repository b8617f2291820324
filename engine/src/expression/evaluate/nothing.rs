//! Explains null values in a failing expression by queries of steps that found nothing.

use super::Evaluator;
use crate::diagnostic::Diagnostic;
use crate::expression::scope::WhyNothing;
use crate::syntax::{Expression, Use};
use crate::value::{Data, Value};

impl Evaluator<'_> {
    /// Adds explanations for the references in `expression` that are null; if an index is invalid, also for empty lists.
    pub(super) fn because(&self, mut error: Diagnostic, expression: &Expression) -> Diagnostic {
        let counts_empty = error.code == "invalid-index";
        let whys = expression.uses().into_iter().filter_map(|used| self.why_nothing(&used, counts_empty));
        for WhyNothing { detail, help } in whys {
            let before = error.detail.take();
            if before.as_ref().is_some_and(|before| before.contains(&detail)) {
                error.detail = before;
                continue;
            }
            error.detail = Some(before.map_or(String::new(), |before| before + " ") + &detail);
            // It precedes the general advice about null.
            error.help.splice(0..0, help);
        }
        error
    }

    fn why_nothing(&self, used: &Use, counts_empty: bool) -> Option<WhyNothing> {
        if self.bound_value(&used.reference.root.value).is_some() {
            return None;
        }
        let key = used.key.as_ref().and_then(Expression::as_reference);
        let key = key.and_then(|key| self.known_prefix(&key).filter(|(count, _)| *count == key.path.len()));
        let key = key.map(|(_, key)| key).filter(|key| !key.is_marked());
        // The value after a computed index is not checked.
        let is_nothing = key.is_some() || {
            let (_, value) = self.known_prefix(&used.reference)?;
            value.is_null() || (counts_empty && is_empty(&value))
        };
        if is_nothing { self.scope.why_nothing(&used.reference, key.as_ref()) } else { None }
    }
}

fn is_empty(value: &Value) -> bool {
    match value.data() {
        Data::Tuple(elements) | Data::List(_, elements) | Data::Set(_, elements) => elements.is_empty(),
        _ => false,
    }
}
