//! Says why a part of a runbook cannot be written.

use crate::diagnostic::Diagnostic;
use crate::plan::Opaque;
use crate::source::Span;

/// Returns the error for the part of a runbook at an address.
pub(super) fn refusal(address: &str, span: Span, reason: &str) -> Diagnostic {
    Diagnostic::error("not-exported", format!("`{address}` cannot be written as commands of a shell"))
        .at(span, reason)
        .about(address)
        .help("run the runbook with arcbook, or export a part of it: -target, -exclude")
}

/// Returns the error for an expression that is not understood.
pub(super) fn opaque(address: &str, opaque: &Opaque) -> Diagnostic {
    refusal(address, opaque.span, &format!("this {}", opaque.reason))
}
