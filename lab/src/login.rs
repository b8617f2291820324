//! The tenant's `OpenID` documents, from which clients learn issuers and keys.

use std::sync::Arc;

use hyper::{Method, StatusCode};
use serde_json::json;

use crate::context::Context;
use crate::exchange::{Answer, Call};

/// The login service: `login.localhost`.
pub(crate) struct Login {
    context: Arc<Context>,
}

impl Login {
    pub(crate) fn new(context: &Arc<Context>) -> Self {
        Self { context: Arc::clone(context) }
    }

    pub(crate) fn handle(&self, call: &Call) -> Answer {
        if call.method != Method::GET {
            return error(StatusCode::METHOD_NOT_ALLOWED, "invalid_request", "only GET is served here");
        }
        match call.segments().as_slice() {
            [_, "discovery", "keys"] | [_, "discovery", "v2.0", "keys"] => {
                Answer::json(StatusCode::OK, &self.context.issuer.key_set())
            }
            ["common", "discovery", "instance"] => self.instance(call),
            [tenant, ".well-known", "openid-configuration"]
            | [tenant, "v2.0", ".well-known", "openid-configuration"] => self.configuration(call, tenant),
            _ => error(StatusCode::NOT_FOUND, "invalid_request", "there is no such document"),
        }
    }

    fn configuration(&self, call: &Call, tenant: &str) -> Answer {
        let base = call.base();
        let tenant =
            if tenant == "common" { self.context.world.tenant_id.to_string() } else { tenant.to_owned() };
        Answer::json(
            StatusCode::OK,
            &json!({
                "issuer": self.context.issuer.name(),
                "authorization_endpoint": format!("{base}/{tenant}/oauth2/authorize"),
                "token_endpoint": format!("{base}/{tenant}/oauth2/token"),
                "jwks_uri": format!("{base}/common/discovery/keys"),
                "response_types_supported": ["code", "id_token", "token"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["ES256"],
                "tenant_region_scope": "EU",
                "cloud_instance_name": "localhost",
            }),
        )
    }

    fn instance(&self, call: &Call) -> Answer {
        let host = format!("login.localhost:{}", self.context.azure.port);
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

fn error(status: StatusCode, code: &str, description: &str) -> Answer {
    Answer::json(status, &json!({ "error": code, "error_description": description }))
}
