//! The agent's routes, and the checks that they share.

use std::sync::Arc;

use hyper::{Method, StatusCode};
use serde_json::{Value, json};

use super::{KeyStore, instance};
use crate::context::Context;
use crate::exchange::{Answer, Call};
use crate::fault::Faults;
use crate::world::World;

/// The api-versions that the agent lists in its error.
const API_VERSIONS: [&str; 4] = ["2021-02-01", "2020-06-01", "2019-11-01", "2019-08-15"];

/// The agent's service.
pub(crate) struct Agent {
    pub(super) context: Arc<Context>,
    pub(super) keys: Arc<KeyStore>,
    pub(super) faults: Arc<Faults>,
}

impl Agent {
    pub(crate) fn new(context: &Arc<Context>, keys: &Arc<KeyStore>, faults: &Arc<Faults>) -> Self {
        Self { context: Arc::clone(context), keys: Arc::clone(keys), faults: Arc::clone(faults) }
    }

    pub(crate) fn handle(&self, call: &Call) -> Answer {
        if let Some(refusal) = refused(call) {
            return refusal;
        }
        let World { subscription_id: subscription, machine, .. } = &self.context.world;
        let Some(declared) = machine else {
            return error(StatusCode::NOT_FOUND, "not_found", "This world has no Arc-enabled server.");
        };
        let connected = self.context.agent.connected();
        let (subscription, machine) = match &connected {
            Some(own) => (subscription.to_string(), &own.machine),
            // Nothing is known of a machine without a resource.
            None => (String::new(), &declared.disconnected()),
        };
        match call.segments().as_slice() {
            ["metadata", "instance"] => metadata(call, &instance::document(&subscription, machine)),
            ["metadata", "instance", "compute"] => metadata(call, &instance::compute(&subscription, machine)),
            ["metadata", "identity", "oauth2", "token"] => self.token(call, connected.as_deref()),
            _ => error(StatusCode::NOT_FOUND, "not_found", "There is no such endpoint."),
        }
    }
}

fn metadata(call: &Call, document: &Value) -> Answer {
    match call.query.get("format") {
        Some(format) if !format.eq_ignore_ascii_case("json") => error(
            StatusCode::BAD_REQUEST,
            "bad_request",
            "The requested node is not a leaf; use format=json.",
        ),
        _ => Answer::json(StatusCode::OK, document),
    }
}

/// Returns the error response of a request that fails a check which every path shares.
fn refused(call: &Call) -> Option<Answer> {
    if call.method != Method::GET {
        return Some(error(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "Only GET is allowed."));
    }
    if call.headers.contains_key("x-forwarded-for") {
        let message = "Requests with an X-Forwarded-For header are refused.";
        return Some(error(StatusCode::FORBIDDEN, "forbidden", message));
    }
    if !call.header("metadata").is_some_and(|value| value.trim().eq_ignore_ascii_case("true")) {
        return Some(error(
            StatusCode::BAD_REQUEST,
            "bad_request_102",
            "Required metadata header not specified",
        ));
    }
    if let Some(name) = call.query.repeated() {
        let message = format!("The query variable '{name}' is given more than once.");
        return Some(error(StatusCode::BAD_REQUEST, "invalid_request", &message));
    }
    let supported = format!("Supported are {}", API_VERSIONS.join(" "));
    match call.query.get("api-version") {
        Some(version) if API_VERSIONS.contains(&version) => None,
        Some(version) if !version.is_empty() => {
            let message = format!("The api-version {version} is not supported. {supported}");
            Some(error(StatusCode::BAD_REQUEST, "invalid_request", &message))
        }
        _ => {
            let message = format!("The api-version not specified. {supported}");
            Some(error(StatusCode::BAD_REQUEST, "invalid_request", &message))
        }
    }
}

/// Builds an error response in the agent's format.
pub(crate) fn error(status: StatusCode, code: &str, description: &str) -> Answer {
    Answer::json(status, &json!({ "error": code, "error_description": description }))
}
