//! The routes of the metadata service, and the checks that they share.

use std::sync::Arc;

use hyper::{Method, StatusCode};
use serde_json::json;

use super::metadata;
use crate::context::Context;
use crate::exchange::{Answer, Call};
use crate::fault::Faults;
use crate::names;
use crate::world::World;

/// The api-versions that `/metadata/versions` lists; clients may use any date from the first to the last.
pub(super) const API_VERSIONS: [&str; 8] = [
    "2018-02-01",
    "2019-08-01",
    "2020-06-01",
    "2021-02-01",
    "2023-07-01",
    "2024-03-15",
    "2024-07-17",
    "2025-04-07",
];

/// The metadata service of the virtual machine.
pub(crate) struct Imds {
    pub(super) context: Arc<Context>,
    pub(super) faults: Arc<Faults>,
}

impl Imds {
    pub(crate) fn new(context: &Arc<Context>, faults: &Arc<Faults>) -> Self {
        Self { context: Arc::clone(context), faults: Arc::clone(faults) }
    }

    pub(crate) fn handle(&self, call: &Call) -> Answer {
        let World { subscription_id: subscription, virtual_machine, .. } = &self.context.world;
        let Some(machine) = virtual_machine else {
            return error(StatusCode::NOT_FOUND, "not_found", "This world has no virtual machine.");
        };
        if let Some(refusal) = refused(call) {
            return refusal;
        }
        let segments = call.segments();
        match segments.as_slice() {
            ["metadata", "versions"] => Answer::json(StatusCode::OK, &json!({ "apiVersions": API_VERSIONS })),
            ["metadata", ..] if !has_version(call) => bad_version(),
            ["metadata", "identity", "oauth2", "token"] => self.token(call, machine),
            ["metadata", "instance", path @ ..] => {
                let document = json!({
                    "compute": crate::himds::compute(&subscription.to_string(), machine),
                    "network": { "interface": [] },
                });
                metadata::node(&document, path, call.query.get("format"))
            }
            _ => error(StatusCode::NOT_FOUND, "not_found", "The requested resource does not exist."),
        }
    }
}

/// Returns the error response of a request that fails a check which every path shares.
fn refused(call: &Call) -> Option<Answer> {
    if call.headers.contains_key("x-forwarded-for") {
        let message = "Requests with an X-Forwarded-For header are refused.";
        return Some(error(StatusCode::FORBIDDEN, "forbidden", message));
    }
    if !call.header("metadata").is_some_and(|value| value.trim().eq_ignore_ascii_case("true")) {
        let message = "Required metadata header not specified";
        return Some(error(StatusCode::BAD_REQUEST, "bad_request_102", message));
    }
    if call.method != Method::GET {
        return Some(error(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "Only GET is allowed."));
    }
    let name = call.query.repeated()?;
    let message = format!("The query variable '{name}' is given more than once.");
    Some(error(StatusCode::BAD_REQUEST, "invalid_request", &message))
}

fn has_version(call: &Call) -> bool {
    let (first, last) = (API_VERSIONS[0], API_VERSIONS[API_VERSIONS.len() - 1]);
    let version = call.query.get("api-version").unwrap_or_default();
    names::is_date(version) && (first..=last).contains(&version)
}

fn bad_version() -> Answer {
    let newest: Vec<&str> = API_VERSIONS.iter().rev().take(3).copied().collect();
    let message = "Bad request. api-version is invalid or was not specified in the request. For more information \
                   refer to aka.ms/azureimds";
    Answer::json(StatusCode::BAD_REQUEST, &json!({ "error": message, "newest-versions": newest }))
}

/// Builds an error response in the format of the metadata service.
pub(crate) fn error(status: StatusCode, code: &str, description: &str) -> Answer {
    Answer::json(status, &json!({ "error": code, "error_description": description }))
}
