//! ARM's envelope: errors, lists, and the headers of every response.

use hyper::{Method, StatusCode};
use serde_json::{Value, json};

use crate::clock;
use crate::exchange::{Answer, Call, Refused};

/// Builds an error response in ARM's envelope.
pub(crate) fn error(status: StatusCode, code: &str, message: &str) -> Answer {
    Answer::json(status, &json!({ "error": { "code": code, "message": message } }))
}

pub(super) fn refused(status: StatusCode, code: &str, message: &str) -> Refused {
    Box::new(error(status, code, message))
}

/// Builds a list response: one page, with a link to the next.
pub(super) fn list(page: &[Value], next: Option<String>) -> Answer {
    let mut body = json!({ "value": page });
    if let Some(next) = next {
        body["nextLink"] = next.into();
    }
    Answer::json(StatusCode::OK, &body)
}

/// Adds the request ids and the remaining-requests headers.
pub(super) fn with_ids(answer: Answer, call: &Call) -> Answer {
    let id = call.id.to_string();
    let correlation = call.header("x-ms-correlation-request-id").unwrap_or(&id);
    let routing = format!("WESTEUROPE:{}:{id}", clock::compact(clock::now()));
    let wants_echo =
        call.header("x-ms-return-client-request-id").is_some_and(|wish| wish.eq_ignore_ascii_case("true"));
    let (global, own) = match call.method {
        Method::GET | Method::HEAD => (
            "x-ms-ratelimit-remaining-subscription-global-reads",
            "x-ms-ratelimit-remaining-subscription-reads",
        ),
        Method::DELETE => (
            "x-ms-ratelimit-remaining-subscription-global-deletes",
            "x-ms-ratelimit-remaining-subscription-deletes",
        ),
        _ => (
            "x-ms-ratelimit-remaining-subscription-global-writes",
            "x-ms-ratelimit-remaining-subscription-writes",
        ),
    };
    let answer = answer
        .header("cache-control", "no-cache")
        .header("pragma", "no-cache")
        .header("strict-transport-security", "max-age=31536000; includeSubDomains")
        .header("x-content-type-options", "nosniff")
        .header("x-ms-correlation-request-id", correlation)
        .header(global, "3749")
        .header(own, "249")
        .header("x-ms-request-id", &id)
        .header("x-ms-routing-request-id", routing);
    match call.client_request_id() {
        Some(echo) if wants_echo => answer.header("x-ms-client-request-id", echo),
        _ => answer,
    }
}
