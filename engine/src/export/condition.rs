//! Conditions of a step, and the texts in their messages.

use crate::diagnostic::Diagnostics;
use crate::plan::{EvalScope, Leaf, Symbol, holds, symbol};
use crate::runbook::Rule;
use crate::value::{Data, Type, convert};

use super::refusal::{opaque, refusal};

/// A condition that the script checks: whether a part of a result is null.
pub(super) struct Condition {
    pub leaf: Leaf,
    /// True if it must be null.
    pub is_null: bool,
    pub message: Vec<Symbol>,
}

/// Returns the conditions of a step that are known only while running; adds those that cannot be written to `found`.
pub(super) fn conditions(
    rules: &[Rule],
    scope: &EvalScope<'_>,
    address: &str,
    found: &mut Diagnostics,
) -> Vec<Condition> {
    let mut all = Vec::new();
    for rule in rules {
        // What is known already has passed in the plan.
        if holds(&rule.condition, scope).ok().flatten() == Some(true) {
            continue;
        }
        let condition = match symbol(scope, &rule.condition, Some(address)) {
            Ok(Symbol::IsNull(inner)) => Some((*inner, true)),
            Ok(Symbol::IsNotNull(inner)) => Some((*inner, false)),
            Ok(_) => None,
            Err(error) => {
                found.push(opaque(address, &error));
                continue;
            }
        };
        let Some((Symbol::Leaf(leaf), is_null)) = condition else {
            let reason = "only a comparison of a result with null has a counterpart";
            found.push(refusal(address, rule.condition.span, reason));
            continue;
        };
        match symbol(scope, &rule.message, Some(address)) {
            Ok(message) => all.push(Condition { leaf, is_null, message: texts(message) }),
            Err(error) => found.push(opaque(address, &error)),
        }
    }
    all
}

/// Returns the parts of a text, one after another.
pub(super) fn texts(symbol: Symbol) -> Vec<Symbol> {
    match symbol {
        Symbol::Text(parts) => parts.into_iter().flat_map(texts).collect(),
        other => vec![other],
    }
}

/// Returns a known part of a text.
pub(super) fn known(symbol: &Symbol) -> Option<String> {
    let Symbol::Known(value) = symbol else { return None };
    match convert(value, &Type::String).ok()?.data() {
        Data::String(text) => Some(text.to_string()),
        _ => None,
    }
}
