//! The proof of an application: a secret, or an assertion.

use super::assertion;
use super::refusal::Refusal;
use super::service::Login;
use super::token::required;
use crate::exchange::{Call, Query};
use crate::token::Proof;
use crate::world::Principal;

/// The only type of assertions.
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

impl Login {
    /// Returns the application that a request comes from, once it has proved that.
    pub(super) fn client(&self, call: &Call, form: &Query, now: i64) -> Result<(&Principal, Proof), Refusal> {
        let id = required(form, "client_id")?;
        let world = &self.context.world;
        let is_named = |known: &&Principal| id.eq_ignore_ascii_case(&known.client_id.to_string());
        let Some(principal) = world.principals.iter().find(is_named) else {
            let text = format!(
                "Application with identifier '{id}' was not found in the directory '{}'. This can happen if the \
                 application has not been installed by the administrator of the tenant or consented to by any user \
                 in the tenant. You may have sent your authentication request to the wrong tenant.",
                world.tenant_id
            );
            return Err(Refusal::new(700_016, text));
        };
        let proof = match (form.get("client_secret"), form.get("client_assertion")) {
            (_, Some(assertion)) => {
                let kind = required(form, "client_assertion_type")?;
                if kind != JWT_BEARER {
                    return Err(Refusal::new(50_027, "JWT token is invalid or malformed."));
                }
                let claim = assertion::Claim { principal, token: assertion, now };
                self.proves(call, &claim)?;
                Proof::Certificate
            }
            (Some(secret), None) => {
                has_secret(principal, secret, now)?;
                Proof::Secret
            }
            (None, None) => {
                let text = "The request body must contain the following parameter: 'client_assertion' or \
                            'client_secret'.";
                return Err(Refusal::new(7_000_218, text));
            }
        };
        if principal.sign_in.disabled {
            let text = format!("Application '{id}'({}) is disabled.", principal.name);
            return Err(Refusal::new(7_000_112, text));
        }
        Ok((principal, proof))
    }
}

fn has_secret(principal: &Principal, given: &str, now: i64) -> Result<(), Refusal> {
    let id = principal.client_id;
    let known = principal.sign_in.secrets.iter().find(|secret| secret.value.reveal() == given);
    match known {
        Some(secret) if secret.expires.is_some_and(|expires| expires <= now) => Err(Refusal::new(
            7_000_222,
            format!(
                "The provided client secret keys for app '{id}' are expired. Visit the Azure portal to create new \
                 keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for \
                 added security: https://aka.ms/certCreds."
            ),
        )),
        Some(_) => Ok(()),
        None => Err(Refusal::new(
            7_000_215,
            format!(
                "Invalid client secret provided. Ensure the secret being sent in the request is the client secret \
                 value, not the client secret ID, for a secret added to app '{id}'."
            ),
        )),
    }
}
