//! The documents from which clients learn endpoints, issuers and keys.

use hyper::StatusCode;
use serde_json::json;

use super::refusal::Refusal;
use super::service::Login;
use crate::exchange::{Answer, Call};

impl Login {
    /// The `OpenID` configuration of a tenant; `rest` is the path after it, which says the version.
    pub(super) fn configuration(&self, call: &Call, tenant: &str, rest: &[&str]) -> Result<Answer, Refusal> {
        let base = call.base();
        let tenant = match tenant {
            "common" | "organizations" => self.context.world.tenant_id.to_string(),
            _ => {
                self.has_tenant(tenant)?;
                tenant.to_lowercase()
            }
        };
        let (version, issuer) = match rest.first() {
            Some(&"v2.0") => ("/v2.0", format!("{base}/{tenant}/v2.0")),
            _ => ("", self.context.issuer.name()),
        };
        let endpoint = |name: &str| format!("{base}/{tenant}/oauth2{version}/{name}");
        Ok(Answer::json(
            StatusCode::OK,
            &json!({
                "issuer": issuer,
                "authorization_endpoint": endpoint("authorize"),
                "token_endpoint": endpoint("token"),
                "device_authorization_endpoint": endpoint("devicecode"),
                "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
                "jwks_uri": format!("{base}/common/discovery/keys"),
                "response_types_supported": ["code", "id_token", "token"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["ES256"],
                "tenant_region_scope": "EU",
                "cloud_instance_name": "localhost",
            }),
        ))
    }

    /// The names of the cloud's login hosts.
    pub(super) fn instance(&self, call: &Call) -> Answer {
        let host = &call.authority;
        let tenant = self.context.world.tenant_id;
        Answer::json(
            StatusCode::OK,
            &json!({
                "tenant_discovery_endpoint": format!("{}/{tenant}/v2.0/.well-known/openid-configuration", call.base()),
                "api-version": "1.1",
                "metadata": [{ "preferred_network": host, "preferred_cache": host, "aliases": [host] }],
            }),
        )
    }
}
