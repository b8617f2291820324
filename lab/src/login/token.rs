//! The token endpoint: `POST /{tenant}/oauth2/v2.0/token`.

use hyper::StatusCode;
use serde_json::json;

use super::refusal::Refusal;
use super::service::Login;
use crate::exchange::{Answer, Call, Query};
use crate::fault::FaultKind;
use crate::log::Service;
use crate::token::{Subject, Validity};
use crate::world::{ConditionalAccess, Principal, World};

/// Lifetime of an application's token, in seconds.
const LIFETIME: i64 = 3_599;

/// Fields whose values are credentials.
const SECRETS: [&str; 4] = ["client_secret", "password", "refresh_token", "code"];

impl Login {
    /// Returns a token for an application; `now` is the time of Entra's clock, in Unix seconds.
    pub(super) fn token(&self, call: &Call, tenant: &str, now: i64) -> Result<Answer, Refusal> {
        if let Some(error) = self.faults.entra(call) {
            return Err(Refusal::injected(error));
        }
        if matches!(tenant, "common" | "organizations" | "consumers") {
            let text = "No tenant-identifying information found in either the request or implied by any provided \
                        credentials.";
            return Err(Refusal::new(50_059, text));
        }
        self.has_tenant(tenant)?;
        let form = form(call);
        if let Some(name) = form.repeated() {
            let text =
                format!("The request is not properly formatted. The parameter '{name}' is duplicated.");
            return Err(Refusal::new(9_000_411, text));
        }
        let grant = required(&form, "grant_type")?;
        if grant != "client_credentials" {
            let text = format!("The app requested an unsupported grant type '{grant}'.");
            return Err(Refusal::new(70_003, text));
        }
        let (principal, proof) = self.client(call, &form, now)?;
        let resource = resource(required(&form, "scope")?)?;
        if !self.context.audiences.is_known(resource) {
            let text = format!(
                "The resource principal named {resource} was not found in the tenant named {tenant}. This can happen \
                 if the application has not been installed by the administrator of the tenant or consented to by \
                 any user in the tenant. You might have sent your authentication request to the wrong tenant."
            );
            return Err(Refusal::new(500_011, text));
        }
        if principal.sign_in.conditional_access == Some(ConditionalAccess::Blocked) {
            let text = "Access has been blocked by Conditional Access policies. The access policy does not allow \
                        token issuance.";
            return Err(Refusal::new(53_003, text));
        }
        let expired = self.faults.applies(Service::Login, FaultKind::ExpiredToken, call);
        let now = crate::clock::seconds();
        let valid = if expired { Validity::over(now) } else { Validity::lasting(now, LIFETIME) };
        let token = self.context.issuer.issue(Subject::of(principal, proof), resource, valid);
        let token = token.map_err(|problem| Refusal::new(90_033, problem.to_string()))?;
        Ok(Answer::json(
            StatusCode::OK,
            &json!({
                "token_type": "Bearer",
                "expires_in": LIFETIME,
                "ext_expires_in": LIFETIME,
                "access_token": token,
            }),
        ))
    }
}

/// Returns a request's form; an empty one if its body is none.
fn form(call: &Call) -> Query {
    let kind = call.header("content-type").unwrap_or_default();
    let is_form = kind.split(';').next().unwrap_or_default().trim() == "application/x-www-form-urlencoded";
    let text = std::str::from_utf8(&call.body).ok().filter(|_| is_form).unwrap_or_default();
    Query::parse(text).unwrap_or_default()
}

/// Returns a field that must be there.
pub(super) fn required<'a>(form: &'a Query, name: &str) -> Result<&'a str, Refusal> {
    form.get(name).filter(|value| !value.is_empty()).ok_or_else(|| {
        let text = format!("The request body must contain the following parameter: '{name}'.");
        Refusal::new(900_144, text)
    })
}

/// Returns the resource whose default permissions a scope asks for.
fn resource(scope: &str) -> Result<&str, Refusal> {
    let invalid = |number| {
        let text = format!(
            "The provided request must include a 'scope' input parameter. The provided value for the input parameter \
             'scope' is not valid. The scope {scope} is not valid."
        );
        Err(Refusal::new(number, text))
    };
    let mut scopes = scope.split_whitespace();
    match (scopes.next().and_then(|one| one.strip_suffix("/.default")), scopes.next()) {
        (_, Some(_)) => invalid(700_022),
        (Some(resource), None) if !resource.is_empty() => Ok(resource),
        _ => invalid(70_011),
    }
}

/// Returns the principal and the form of a request as the log shows them: without secrets, and with assertions
/// that have no signature.
pub(crate) fn logged(call: &Call, world: &World) -> (Option<String>, Vec<(String, String)>) {
    let form = form(call);
    let id = form.get("client_id");
    let is_named = |principal: &&Principal| {
        id.is_some_and(|id| id.eq_ignore_ascii_case(&principal.client_id.to_string()))
    };
    let known = world.principals.iter().find(is_named).map(|principal| principal.name.clone());
    let shown = |(name, value): (&str, &str)| {
        let hidden = SECRETS.iter().any(|secret| secret.eq_ignore_ascii_case(name));
        let is_assertion = name.to_lowercase().ends_with("assertion");
        let value = match value.rsplit_once('.') {
            Some((signed, _)) if is_assertion => format!("{signed}.REDACTED"),
            _ if hidden || is_assertion => "REDACTED".to_owned(),
            _ => value.to_owned(),
        };
        (name.to_owned(), value)
    };
    (known.or_else(|| id.map(str::to_owned)), form.pairs().map(shown).collect())
}
