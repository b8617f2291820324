//! Key Vault's error envelope.

use hyper::StatusCode;
use serde_json::json;

use crate::exchange::{Answer, Call, Refused};

/// Builds an error response in Key Vault's envelope.
pub(crate) fn error(status: StatusCode, code: &str, message: &str) -> Answer {
    Answer::json(status, &json!({ "error": { "code": code, "message": message } }))
}

pub(super) fn refused(status: StatusCode, code: &str, message: &str) -> Refused {
    Box::new(error(status, code, message))
}

/// Builds an error with a more specific inner code.
pub(super) fn refused_because(status: StatusCode, code: &str, inner: &str, message: &str) -> Refused {
    let body = json!({ "error": { "code": code, "message": message, "innererror": { "code": inner } } });
    Box::new(Answer::json(status, &body))
}

pub(super) fn with_ids(answer: Answer, call: &Call, location: &str) -> Answer {
    let id = call.id.to_string();
    answer
        .header("cache-control", "no-cache")
        .header("pragma", "no-cache")
        .header("expires", "-1")
        .header("strict-transport-security", "max-age=31536000;includeSubDomains")
        .header("x-content-type-options", "nosniff")
        .header("x-ms-client-request-id", call.client_request_id().unwrap_or(&id))
        .header("x-ms-keyvault-network-info", "conn_type=Ipv4;addr=127.0.0.1;act_addr_fam=InterNetwork;")
        .header("x-ms-keyvault-region", location)
        .header("x-ms-keyvault-service-version", "1.9.2265.1")
        .header("x-ms-request-id", id)
}
