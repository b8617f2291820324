//! Checks the names of called functions.

use crate::diagnostic::Diagnostic;
use crate::expression::{function_names, suggest_function};
use crate::syntax::{Expression, ExpressionKind};

/// Returns an error if `part` calls an unknown function.
pub fn unknown(part: &Expression) -> Option<Diagnostic> {
    let ExpressionKind::Call(call) = &part.kind else { return None };
    if function_names().any(|name| name == &*call.name.value) {
        return None;
    }
    Some(
        Diagnostic::error("unknown-function", format!("there is no function `{}`", call.name.value))
            .at(call.name.span, "unknown function")
            .maybe_help(suggest_function(&call.name.value)),
    )
}
