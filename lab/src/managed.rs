//! Managed identities: the one that a request selects, and the response with its token.

use serde_json::{Map, Value};

use crate::clock;
use crate::context::Context;
use crate::exchange::Query;
use crate::jwt::KeyError;
use crate::token::{Proof, Subject, Validity};
use crate::world::{Machine, Principal, PrincipalKind, World};

/// Query parameters that select an identity, in place of the machine's own.
const SELECTORS: [&str; 3] = ["client_id", "object_id", "msi_res_id"];

/// The identity that a request is about.
pub(crate) struct Selected<'a> {
    pub principal: &'a Principal,
    /// True if the request names it.
    pub named: bool,
}

/// The reason why a request selects no identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unselected {
    /// The machine has no such identity.
    Unknown,
    /// The machine has several user-assigned identities and none of its own, and the request names none.
    Ambiguous,
    /// The request names its identity in two ways.
    NamedTwice,
}

/// Returns the identity that `query` selects of a machine with this identity of its own.
pub(crate) fn select<'a>(
    world: &'a World,
    own: Option<&'a Principal>,
    query: &Query,
) -> Result<Selected<'a>, Unselected> {
    let mut given = SELECTORS.iter().filter_map(|name| Some((*name, query.get(name)?)));
    let is_assigned = |principal: &&Principal| matches!(principal.kind, PrincipalKind::UserAssigned(_));
    let mut of_machine = own.into_iter().chain(world.principals.iter().filter(is_assigned));
    match (given.next(), given.next()) {
        (Some(_), Some(_)) => Err(Unselected::NamedTwice),
        (Some((name, value)), None) => {
            let has = |principal: &&Principal| match name {
                "client_id" => value.eq_ignore_ascii_case(&principal.client_id.to_string()),
                "object_id" => value.eq_ignore_ascii_case(&principal.object_id.to_string()),
                _ => principal.resource().is_some_and(|id| id.eq_ignore_ascii_case(value)),
            };
            let principal = of_machine.find(has).ok_or(Unselected::Unknown)?;
            Ok(Selected { principal, named: true })
        }
        (None, _) => {
            let all: Vec<&Principal> = of_machine.collect();
            match (own, all.as_slice()) {
                (Some(principal), _) => Ok(Selected { principal, named: false }),
                (None, [principal]) => Ok(Selected { principal, named: false }),
                (None, []) => Err(Unselected::Unknown),
                (None, _) => Err(Unselected::Ambiguous),
            }
        }
    }
}

/// Returns the identity of its own that a machine of the world has from the start.
pub(crate) fn own<'a>(world: &'a World, machine: &Machine) -> Option<&'a Principal> {
    world.principals.iter().find(|principal| match &principal.kind {
        PrincipalKind::SystemAssigned(id) => *id == machine.id,
        PrincipalKind::UserAssigned(_) | PrincipalKind::Application => false,
    })
}

/// Returns the members of the response with a token of `selected`, each a text; `expired` makes the token one
/// that has expired.
pub(crate) fn response(
    context: &Context,
    selected: &Selected<'_>,
    resource: &str,
    expired: bool,
) -> Result<Map<String, Value>, KeyError> {
    let principal = selected.principal;
    let now = clock::seconds();
    // The response claims that an expired token is valid, or no client would ever send it.
    let told = Validity::from(now);
    let valid = if expired { Validity::over(now) } else { told };
    let subject = Subject::of(principal, Proof::Certificate);
    let token = context.issuer.issue(subject, resource, valid)?;
    let members = [
        ("access_token", token),
        ("expires_in", (told.expires - now).to_string()),
        ("expires_on", told.expires.to_string()),
        ("not_before", told.not_before.to_string()),
        ("resource", resource.to_owned()),
        ("token_type", "Bearer".to_owned()),
    ];
    Ok(members.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect())
}

/// Returns the message of Entra about a resource that the tenant does not have.
pub(crate) fn unknown_resource(context: &Context, resource: &str) -> String {
    format!(
        "AADSTS500011: The resource principal named {resource} was not found in the tenant named {}. This can \
         happen if the application has not been installed by the administrator of the tenant.",
        context.world.tenant_id
    )
}
