//! Graph's envelope of errors.

use hyper::StatusCode;
use serde_json::json;
use uuid::Uuid;

use crate::clock;
use crate::exchange::{Answer, Refused};

/// Builds an error response.
pub(crate) fn error(status: StatusCode, code: &str, message: &str) -> Answer {
    let id = Uuid::new_v4();
    let inner = json!({ "date": clock::iso(clock::now()), "request-id": id, "client-request-id": id });
    let body = json!({ "error": { "code": code, "message": message, "innerError": inner } });
    Answer::json(status, &body).header("request-id", id.to_string())
}

pub(super) fn refused(status: StatusCode, code: &str, message: &str) -> Refused {
    Box::new(error(status, code, message))
}

/// Builds the refusal of a request for something that the directory does not have.
pub(super) fn not_found(id: &str) -> Refused {
    let message = format!(
        "Resource '{id}' does not exist or one of its queried reference-property objects are not present."
    );
    refused(StatusCode::NOT_FOUND, "Request_ResourceNotFound", &message)
}
