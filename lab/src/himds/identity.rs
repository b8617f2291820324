//! Managed identity tokens, in exchange for a key that only root and the agent's group can read.

use hyper::StatusCode;
use serde_json::json;

use super::{Agent, error};
use crate::clock;
use crate::exchange::{Answer, Call};
use crate::fault::FaultKind;
use crate::token::{Subject, Validity};

/// Query parameters that select an identity other than the machine's own.
const SELECTORS: [&str; 3] = ["client_id", "object_id", "msi_res_id"];

impl Agent {
    /// `/metadata/identity/oauth2/token`: a challenge first, then a token for the challenge's key.
    pub(super) fn token(&self, call: &Call) -> Answer {
        let Some(resource) = call.query.get("resource").filter(|resource| !resource.is_empty()) else {
            let message = "Required query variable 'resource' is missing";
            return error(StatusCode::BAD_REQUEST, "invalid_request", message);
        };
        if !self.context.audiences.is_known(resource) {
            let message = format!(
                "AADSTS500011: The resource principal named {resource} was not found in the tenant named {}. This can \
                 happen if the application has not been installed by the administrator of the tenant.",
                self.context.world.tenant_id
            );
            return error(StatusCode::BAD_REQUEST, "invalid_resource", &message);
        }
        if SELECTORS.iter().any(|selector| call.query.has(selector)) {
            return error(StatusCode::NOT_FOUND, "identity_not_found", "Identity not found");
        }
        match call.header("authorization") {
            Some(authorization) if self.is_redeemed(call, authorization) => self.issue(call, resource),
            _ => self.challenge(call),
        }
    }

    /// Redeems the key and returns whether it was valid. A key is good for one request, valid or not.
    fn is_redeemed(&self, call: &Call, authorization: &str) -> bool {
        let Some((scheme, key)) = authorization.split_once(' ') else { return false };
        let good = scheme.eq_ignore_ascii_case("basic") && self.keys.redeem(key);
        good && !self.faults.in_himds(FaultKind::RefusedKey, &call.target)
    }

    fn challenge(&self, call: &Call) -> Answer {
        let path = if self.faults.in_himds(FaultKind::MissingKey, &call.target) {
            Ok(self.keys.absent())
        } else if self.faults.in_himds(FaultKind::StaleKey, &call.target) {
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

    fn issue(&self, call: &Call, resource: &str) -> Answer {
        let machine = &self.context.world.machine;
        let subject =
            Subject { principal: machine.principal_id, client: machine.client_id, resource: &machine.id };
        let now = clock::seconds();
        let expired = self.faults.in_himds(FaultKind::ExpiredToken, &call.target);
        // The response claims that an expired token is valid, or no client would ever send it.
        let told = Validity::from(now);
        let valid = if expired { Validity::over(now) } else { told };
        match self.context.issuer.issue(subject, resource, valid) {
            Ok(token) => Answer::json(
                StatusCode::OK,
                &json!({
                    "access_token": token,
                    "refresh_token": "",
                    "expires_in": (told.expires - now).to_string(),
                    "expires_on": told.expires.to_string(),
                    "not_before": told.not_before.to_string(),
                    "resource": resource,
                    "token_type": "Bearer",
                }),
            ),
            Err(problem) => error(StatusCode::INTERNAL_SERVER_ERROR, "server_error", &problem.to_string()),
        }
    }
}
