//! The routes of the login service.

use std::sync::Arc;

use hyper::{Method, StatusCode};
use time::Duration;

use super::refusal::{self, Refusal, Trace};
use crate::clock;
use crate::context::Context;
use crate::exchange::{Answer, Call};
use crate::fault::Faults;

/// The login service: `login.localhost`.
pub(crate) struct Login {
    pub(super) context: Arc<Context>,
    pub(super) faults: Arc<Faults>,
}

impl Login {
    pub(crate) fn new(context: &Arc<Context>, faults: &Arc<Faults>) -> Self {
        Self { context: Arc::clone(context), faults: Arc::clone(faults) }
    }

    pub(crate) fn handle(&self, call: &Call) -> Answer {
        let segments = call.segments();
        let now = clock::now() + Duration::seconds(self.faults.clock(call));
        let answer = match (&call.method, segments.as_slice()) {
            (&Method::POST, [tenant, "oauth2", "v2.0", "token"]) => self
                .token(call, tenant, now.unix_timestamp())
                .unwrap_or_else(|refusal| refusal.answer(&Trace::of(call, now))),
            (&Method::GET, ["common", "discovery", "instance"]) => self.instance(call),
            (&Method::GET, [_, "discovery", "keys"] | [_, "discovery", "v2.0", "keys"]) => {
                Answer::json(StatusCode::OK, &self.context.issuer.key_set())
            }
            (&Method::GET, [tenant, rest @ ..])
                if rest.ends_with(&[".well-known", "openid-configuration"]) =>
            {
                self.configuration(call, tenant, rest)
                    .unwrap_or_else(|refusal| refusal.answer(&Trace::of(call, now)))
            }
            (&Method::GET | &Method::POST, _) => {
                refusal::transport(StatusCode::NOT_FOUND, "AADSTS900023", "There is no such endpoint.")
            }
            _ => refusal::transport(
                StatusCode::METHOD_NOT_ALLOWED,
                "AADSTS900561",
                "The endpoint only accepts GET and POST requests.",
            ),
        };
        answer
            .header("date", clock::http(now))
            .header("cache-control", "no-store, no-cache")
            .header("pragma", "no-cache")
            .header("x-ms-request-id", call.id.to_string())
    }

    /// Refuses a tenant that is not the world's.
    pub(super) fn has_tenant(&self, tenant: &str) -> Result<(), Refusal> {
        if tenant.eq_ignore_ascii_case(&self.context.world.tenant_id.to_string()) {
            return Ok(());
        }
        Err(Refusal::new(
            90_002,
            format!(
                "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into \
                 the correct cloud. Check with your subscription administrator, this may happen if there are no \
                 active subscriptions for the tenant."
            ),
        ))
    }
}
