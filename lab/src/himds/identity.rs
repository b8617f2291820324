//! Managed identity tokens, in exchange for a key that only root and the agent's group can read.

use hyper::StatusCode;
use serde_json::{Map, Value};

use super::{Agent, ConnectedMachine, error};
use crate::exchange::{Answer, Call};
use crate::fault::FaultKind;
use crate::log::Service;
use crate::managed::{self, Selected};

impl Agent {
    /// `/metadata/identity/oauth2/token`: a challenge first, then a token for the challenge's key.
    pub(super) fn token(&self, call: &Call, connected: Option<&ConnectedMachine>) -> Answer {
        let Some(resource) = call.query.get("resource").filter(|resource| !resource.is_empty()) else {
            let message = "Required query variable 'resource' is missing";
            return error(StatusCode::BAD_REQUEST, "invalid_request", message);
        };
        if !self.context.audiences.is_known(resource) {
            let message = managed::unknown_resource(&self.context, resource);
            return error(StatusCode::BAD_REQUEST, "invalid_resource", &message);
        }
        let own = connected.map(|connected| &connected.principal);
        // A machine without a resource has no identity, whether or not the world has user-assigned ones.
        let Ok(selected) = own
            .map_or(Ok(None), |own| managed::select(&self.context.world, Some(own), &call.query).map(Some))
        else {
            return error(StatusCode::NOT_FOUND, "identity_not_found", "Identity not found");
        };
        match call.header("authorization") {
            Some(authorization) if self.is_redeemed(call, authorization) => match &selected {
                Some(selected) => self.issue(call, selected, resource),
                None => no_token(resource),
            },
            _ => self.challenge(call),
        }
    }

    /// Redeems the key and returns whether it was valid. A key is good for one request, valid or not.
    fn is_redeemed(&self, call: &Call, authorization: &str) -> bool {
        let Some((scheme, key)) = authorization.split_once(' ') else { return false };
        let good = scheme.eq_ignore_ascii_case("basic") && self.keys.redeem(key);
        good && !self.faults.applies(Service::Himds, FaultKind::RefusedKey, call)
    }

    fn challenge(&self, call: &Call) -> Answer {
        let path = if self.faults.applies(Service::Himds, FaultKind::MissingKey, call) {
            Ok(self.keys.absent())
        } else if self.faults.applies(Service::Himds, FaultKind::StaleKey, call) {
            self.keys.stale()
        } else {
            self.keys.fresh()
        };
        match path {
            Ok(path) => error(
                StatusCode::UNAUTHORIZED,
                "unauthorized",
                "The challenge key is missing, wrong or used before.",
            )
            .header("www-authenticate", format!("Basic realm={}", path.display())),
            Err(problem) => {
                let message = format!("The challenge key cannot be written: {problem}");
                error(StatusCode::INTERNAL_SERVER_ERROR, "server_error", &message)
            }
        }
    }

    fn issue(&self, call: &Call, selected: &Selected<'_>, resource: &str) -> Answer {
        let expired = self.faults.applies(Service::Himds, FaultKind::ExpiredToken, call);
        match managed::response(&self.context, selected, resource, expired) {
            Ok(mut response) => {
                response.insert("refresh_token".to_owned(), "".into());
                if selected.named {
                    // The proof that the agent knows the parameter: older ones ignore it.
                    let principal = selected.principal;
                    response.insert("client_id".to_owned(), principal.client_id.to_string().into());
                    response.insert("object_id".to_owned(), principal.object_id.to_string().into());
                    response.insert("msi_res_id".to_owned(), principal.resource().into());
                }
                Answer::json(StatusCode::OK, &response.into())
            }
            Err(problem) => error(StatusCode::INTERNAL_SERVER_ERROR, "server_error", &problem.to_string()),
        }
    }
}

/// Builds the response of an agent that is not connected, with an empty token.
fn no_token(resource: &str) -> Answer {
    let empty = ["access_token", "refresh_token", "expires_in", "expires_on", "not_before"];
    let members =
        empty.into_iter().map(|name| (name, "")).chain([("resource", resource), ("token_type", "Bearer")]);
    let members: Map<String, Value> = members.map(|(name, value)| (name.to_owned(), value.into())).collect();
    Answer::json(StatusCode::OK, &members.into())
}
