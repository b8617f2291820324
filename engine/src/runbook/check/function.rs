//! Calls of functions that do not exist.

use crate::diagnostic::Diagnostic;
use crate::expression::{function_names, suggest_function};
use crate::syntax::{Expression, ExpressionKind};

/// What is wrong with the name of a function, when `part` is a call.
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
