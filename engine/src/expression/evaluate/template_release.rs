//! Finds what a template must not do: make a secret public.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::syntax::{Expression, ExpressionKind};

/// Returns an error for each use of `nonsensitive` in a template: a review lists the uses of a runbook, and reads its templates
/// only where their paths are written out.
pub(super) fn releases(template: &Expression) -> Diagnostics {
    let mut found = Diagnostics::new();
    template.walk(&mut |part| {
        if matches!(&part.kind, ExpressionKind::Call(call) if call.function() == "nonsensitive") {
            let error = Diagnostic::error("release-in-template", "a template must not use `nonsensitive`");
            let error = error.at(part.span, "this releases a value where no review sees it");
            found.push(
                error.help("pass the template `nonsensitive(…)` as a variable, with a comment that says why"),
            );
        }
    });
    found
}
