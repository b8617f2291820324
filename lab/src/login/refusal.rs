//! Refusals of the token endpoint, as responses.

use hyper::StatusCode;
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::clock;
use crate::entra::{self, EntraError};
use crate::exchange::{Answer, Call};

/// The reason why there is no token.
#[derive(Debug)]
pub(crate) struct Refusal {
    number: u32,
    text: String,
}

/// The ids and the time that a response gives for questions to the support.
pub(super) struct Trace {
    request: Uuid,
    correlation: Uuid,
    base: String,
    now: OffsetDateTime,
}

impl Trace {
    pub(super) fn of(call: &Call, now: OffsetDateTime) -> Self {
        let given = call.header("client-request-id").and_then(|id| id.parse().ok());
        Self { request: call.id, correlation: given.unwrap_or_else(Uuid::new_v4), base: call.base(), now }
    }
}

impl Refusal {
    pub(super) fn new(number: u32, text: impl Into<String>) -> Self {
        Self { number, text: text.into() }
    }

    /// A refusal that a fault brings.
    pub(super) fn injected(error: EntraError) -> Self {
        Self::new(error.number, "This request is refused on purpose.")
    }

    pub(super) fn answer(&self, trace: &Trace) -> Answer {
        let known = entra::numbered(self.number);
        let status = known
            .and_then(|known| StatusCode::from_u16(known.status).ok())
            .unwrap_or(StatusCode::BAD_REQUEST);
        let word = known.map_or("invalid_request", |known| known.word);
        body(status, word, self.number, &self.text, trace)
    }
}

/// Builds the response to a request that the endpoint does not get to see; `code` is `AADSTS` and a number, or
/// another word.
pub(crate) fn transport(status: StatusCode, code: &str, message: &str) -> Answer {
    let number = code.strip_prefix("AADSTS").and_then(|number| number.parse().ok());
    let trace = Trace {
        request: Uuid::new_v4(),
        correlation: Uuid::new_v4(),
        base: "https://login.microsoftonline.com".to_owned(),
        now: clock::now(),
    };
    let busy = status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error();
    let word = if busy { "temporarily_unavailable" } else { "invalid_request" };
    body(status, word, number.unwrap_or(900_144), message, &trace)
}

fn body(status: StatusCode, word: &str, number: u32, text: &str, trace: &Trace) -> Answer {
    let Trace { request, correlation, base, now } = trace;
    let time = clock::plain(*now);
    Answer::json(
        status,
        &json!({
            "error": word,
            "error_description": format!(
                "AADSTS{number}: {text} Trace ID: {request} Correlation ID: {correlation} Timestamp: {time}"
            ),
            "error_codes": [number],
            "timestamp": time,
            "trace_id": request,
            "correlation_id": correlation,
            "error_uri": format!("{base}/error?code={number}"),
        }),
    )
}
