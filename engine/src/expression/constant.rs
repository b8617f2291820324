//! Evaluates literal values.

use super::{Scope, evaluate};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::syntax::{Expression, ExpressionKind};
use crate::value::Value;

/// Evaluates `expression`, which must not call functions; `scope` limits its references.
pub fn constant(expression: &Expression, scope: &dyn Scope) -> Result<Value, Diagnostics> {
    let mut found = Diagnostics::new();
    expression.walk(&mut |part| {
        if let ExpressionKind::Call(call) = &part.kind {
            found.push(
                Diagnostic::error("not-constant", format!("`{}` cannot be called here", call.name.value))
                    .at(call.name.span, "no function can be called here")
                    .help("write the value out, or compute it in a `locals` block"),
            );
        }
    });
    found.or(())?;
    evaluate(expression, scope)
}
