//! Why a step failed, as a diagnostic.

use serde_json::Value as Json;

use crate::diagnostic::json::JsonDiagnostic;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::runbook::Step;
use crate::source::Sources;
use crate::step::{ErrorKind, StepError};

/// The diagnostic for a failed instance of a step: the step's place, what the service said, and what to do.
pub fn step(step: &Step, address: &str, error: &StepError) -> Diagnostic {
    let place = error.about().map_or(step.header, |argument| step.place(argument));
    described(error).at(place, "").about(address)
}

/// The diagnostic for a token that could not be had.
pub fn token(audience: &str, error: &StepError) -> Diagnostic {
    described(error).about(format!("token for {audience}"))
}

/// The first of `errors` for an event; the others follow from it or stand beside it in the final report.
pub fn json(errors: &Diagnostics, sources: &Sources) -> Json {
    let first = errors.iter().next().map(|error| serde_json::to_value(JsonDiagnostic::new(error, sources)));
    first.and_then(Result::ok).unwrap_or(Json::Null)
}

/// What the service said and what to do, without a place.
#[must_use]
pub fn described(error: &StepError) -> Diagnostic {
    let mut diagnostic = Diagnostic::error(code(error.kind()), error.summary());
    let answer = error.status().map(|status| match error.code() {
        Some(code) => format!("the service answered {status} {code}"),
        None => format!("the service answered {status}"),
    });
    let request = error.failed_request().map(|request| format!("request: {request}"));
    let request_id = error.request_id().map(|id| format!("request id: {id}"));
    let uncertain = error.is_uncertain().then(|| "it is not known whether the change was made".to_owned());
    let detail: Vec<String> = [error.why().map(ToOwned::to_owned), answer, request, request_id, uncertain]
        .into_iter()
        .flatten()
        .collect();
    diagnostic.detail = (!detail.is_empty()).then(|| detail.join("\n"));
    diagnostic.help = error.remedies().to_vec();
    diagnostic
}

fn code(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Refused => "refused",
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
