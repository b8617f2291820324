//! Authentication and authorization on the control plane.

use hyper::StatusCode;

use super::Arm;
use super::answer::{self, error};
use crate::access::Permission;
use crate::clock;
use crate::exchange::{Call, Refused};
use crate::token::{Claims, Refusal};

/// The data actions among those of the control plane's paths.
const DATA: [&str; 1] = ["Microsoft.HybridCompute/locations/publishers/extensionTypes/versions/read"];

impl Arm {
    /// Returns the caller's claims, if the token is valid and its audience is ARM.
    pub(super) fn caller(&self, call: &Call) -> Result<Claims, Refused> {
        let unauthorized = |code: &str, message: &str| {
            let tenant = self.context.world.tenant_id;
            let challenge = format!(
                "Bearer authorization_uri=\"https://login.windows.net/{tenant}\", error=\"invalid_token\", \
                 error_description=\"{message}\""
            );
            Box::new(error(StatusCode::UNAUTHORIZED, code, message).header("www-authenticate", challenge))
        };
        let Some(token) = call.bearer() else {
            let message = "Authentication failed. The 'Authorization' header is missing the access token.";
            return Err(unauthorized("AuthenticationFailedMissingToken", message));
        };
        let claims =
            self.context.issuer.verify(token, clock::seconds()).map_err(|refusal| match refusal {
                Refusal::Expired => unauthorized(
                    "ExpiredAuthenticationToken",
                    "The access token expiry UTC time is earlier than now.",
                ),
                Refusal::Invalid | Refusal::NotYetValid => {
                    unauthorized("InvalidAuthenticationToken", "The access token is invalid.")
                }
            })?;
        if !self.context.audiences.is_arm(&claims.aud) {
            let message = format!(
                "The access token has been obtained for wrong audience or resource '{}'. It should exactly match with \
                 one of the allowed audiences 'https://management.core.windows.net/','https://management.azure.com/'.",
                claims.aud
            );
            return Err(unauthorized("InvalidAuthenticationTokenAudience", &message));
        }
        Ok(claims)
    }

    /// Refuses the request unless the caller may perform `action` at `scope`.
    pub(super) fn requires(&self, claims: &Claims, action: &str, scope: &str) -> Result<(), Refused> {
        let is_data = DATA.iter().any(|data| data.eq_ignore_ascii_case(action));
        let permission = if is_data { Permission::DataAction(action) } else { Permission::Action(action) };
        if self.context.access.allows(claims.oid, permission, scope) {
            return Ok(());
        }
        let message = format!(
            "The client '{}' with object id '{}' does not have authorization to perform action '{action}' over scope \
             '{scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.",
            claims.appid, claims.oid
        );
        Err(answer::refused(StatusCode::FORBIDDEN, "AuthorizationFailed", &message))
    }
}
