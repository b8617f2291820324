//! Managed identity tokens, for every process on the virtual machine.

use hyper::StatusCode;

use super::service::{Imds, error};
use crate::exchange::{Answer, Call};
use crate::fault::FaultKind;
use crate::log::Service;
use crate::managed::{self, Unselected};
use crate::world::Machine;

impl Imds {
    /// `/metadata/identity/oauth2/token`.
    pub(super) fn token(&self, call: &Call, machine: &Machine) -> Answer {
        let bad = |code: &str, message: &str| error(StatusCode::BAD_REQUEST, code, message);
        let Some(resource) = call.query.get("resource").filter(|resource| !resource.is_empty()) else {
            return bad("invalid_request", "Required query variable 'resource' is missing");
        };
        if !self.context.audiences.is_known(resource) {
            return bad("invalid_resource", &managed::unknown_resource(&self.context, resource));
        }
        let selected = match managed::select(
            &self.context.world,
            managed::own(&self.context.world, machine),
            &call.query,
        ) {
            Ok(selected) => selected,
            Err(Unselected::Unknown) => return bad("invalid_request", "Identity not found"),
            Err(Unselected::Ambiguous) => {
                let message = "Multiple user assigned identities exist, please specify the clientId / resourceId of \
                               the identity in the token request";
                return bad("invalid_request", message);
            }
            Err(Unselected::NamedTwice) => {
                let message = "Only one of client_id, object_id and msi_res_id may select the identity";
                return bad("invalid_request", message);
            }
        };
        let expired = self.faults.applies(Service::Imds, FaultKind::ExpiredToken, call);
        match managed::response(&self.context, &selected, resource, expired) {
            Ok(mut response) => {
                let lifetime = response.get("expires_in").cloned().unwrap_or_default();
                response.insert("ext_expires_in".to_owned(), lifetime);
                response.insert("client_id".to_owned(), selected.principal.client_id.to_string().into());
                Answer::json(StatusCode::OK, &response.into())
            }
            Err(problem) => error(StatusCode::INTERNAL_SERVER_ERROR, "server_error", &problem.to_string()),
        }
    }
}
