//! Checks every reference in an expression, even those that are not evaluated.

use super::Scope;
use crate::diagnostic::Diagnostics;
use crate::syntax::Expression;

/// Checks every reference in `expression` before evaluation, as Terraform does: `try(nope.x, 1)` is an error.
pub fn check(expression: &Expression, scope: &dyn Scope) -> Result<(), Diagnostics> {
    let wrong = expression.references().iter().filter_map(|reference| scope.check(reference)).collect();
    Diagnostics::or(wrong, ())
}
