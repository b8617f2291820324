//! Converts step errors to diagnostics.

use crate::diagnostic::json::JsonDiagnostic;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::runbook::Step;
use crate::source::Sources;
use crate::step::{ErrorKind, StepError};

/// Returns the diagnostic of a failed step instance: its place in the runbook, the service's message and a
/// remedy.
pub fn step(step: &Step, address: &str, error: &StepError) -> Diagnostic {
    let place = error.about().map_or(step.header, |argument| step.place(argument));
    described(error).at(place, "").about(address)
}

/// Returns the diagnostic of a failed request for the token of that name.
pub fn token(name: &str, error: &StepError) -> Diagnostic {
    described(error).about(name)
}

/// Returns the first of `errors` for an event; the final report contains the others.
pub fn json(errors: &Diagnostics, sources: &Sources) -> Box<JsonDiagnostic> {
    let unknown = || Diagnostic::error("internal-error", "the failure has no reason");
    let first = errors.iter().next().cloned().unwrap_or_else(unknown);
    Box::new(JsonDiagnostic::new(&first, sources))
}

/// Returns the first of `errors` on one line, for the end of the run.
pub fn why(errors: &Diagnostics) -> String {
    errors.iter().next().map_or_else(String::new, Diagnostic::in_one_line)
}

/// The line in the detail of an error about a change that may have been made.
pub const UNCONFIRMED: &str = "the change is unconfirmed";

/// Returns the service's message and a remedy, without a place in the runbook.
#[must_use]
pub fn described(error: &StepError) -> Diagnostic {
    let mut diagnostic = Diagnostic::error(code(error.kind()), error.summary());
    let request = error.failed_request().map(|request| format!("request: {request}"));
    let request_id = error.request_id().map(|id| format!("request id: {id}"));
    let uncertain = error.is_uncertain().then(|| UNCONFIRMED.to_owned());
    let detail: Vec<String> =
        [error.why().map(ToOwned::to_owned), error.answered(), request, request_id, uncertain]
            .into_iter()
            .flatten()
            .collect();
    diagnostic = diagnostic.maybe_detail((!detail.is_empty()).then(|| detail.join("\n")));
    diagnostic.help = error.remedies().to_vec();
    diagnostic
}

fn code(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Refused => "refused",
        ErrorKind::Program => "program-failed",
        ErrorKind::Unavailable => "unavailable",
        ErrorKind::Transport => "unreachable",
        ErrorKind::Timeout => "timeout",
        ErrorKind::Local => "local-problem",
        ErrorKind::Unplanned => "unplanned-change",
        ErrorKind::Stopped => "interrupted",
        ErrorKind::Answer => "unexpected-answer",
        ErrorKind::Forbidden => "forbidden-call",
        ErrorKind::Internal => "internal-error",
    }
}
