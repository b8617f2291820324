//! Graph's routes, and the checks that they share.

use std::sync::Arc;

use hyper::{Method, StatusCode};
use uuid::Uuid;

use super::answer::{error, not_found, refused};
use crate::access::Group;
use crate::arm::Store;
use crate::clock;
use crate::context::Context;
use crate::exchange::{Answer, Call, Refused};
use crate::paging::Links;
use crate::token::{Claims, Refusal};
use crate::world::GraphPermission;

/// Microsoft Graph: `graph.localhost`.
pub(crate) struct Graph {
    pub(super) context: Arc<Context>,
    pub(super) links: Links,
    /// The resources, whose identities can be members.
    pub(super) store: Arc<Store>,
}

impl Graph {
    pub(crate) fn new(context: &Arc<Context>, store: &Arc<Store>) -> Self {
        Self { context: Arc::clone(context), links: Links::default(), store: Arc::clone(store) }
    }

    pub(crate) fn handle(&self, call: &Call) -> Answer {
        self.route(call).unwrap_or_else(|refused| *refused)
    }

    fn route(&self, call: &Call) -> Result<Answer, Refused> {
        let claims = self.caller(call)?;
        let segments = call.segments();
        if let ["v1.0", "directoryObjects" | "servicePrincipals" | "users" | "applications", ..] =
            segments.as_slice()
        {
            // They need `Directory.Read.All` or the like, which no principal of a world holds.
            return Err(denied());
        }
        let ["v1.0", "groups", group, rest @ ..] = segments.as_slice() else {
            let message = format!("Resource not found for the segment '{}'.", segments.last().unwrap_or(&""));
            return Err(refused(StatusCode::BAD_REQUEST, "BadRequest", &message));
        };
        let id: Uuid = group.parse().map_err(|_| bad_id(group))?;
        match (call.method.clone(), rest) {
            (Method::GET, []) => self.group(&claims, id),
            (Method::GET, ["members"]) => self.members(call, &claims, id),
            (Method::GET, ["members", member, "$ref"]) => self.member(&claims, id, parsed(member)?),
            (Method::POST, ["members", "$ref"]) => self.add(call, &claims, id),
            (Method::DELETE, ["members", member, "$ref"]) => self.remove(&claims, id, parsed(member)?),
            _ => Err(refused(
                StatusCode::METHOD_NOT_ALLOWED,
                "Request_BadRequest",
                "Specified HTTP method is not allowed for the request target.",
            )),
        }
    }

    /// Returns the caller's claims, if the token is valid and for Graph.
    fn caller(&self, call: &Call) -> Result<Claims, Refused> {
        let unauthorized = |message: &str| {
            Box::new(
                error(StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken", message)
                    .header("www-authenticate", "Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\""),
            )
        };
        let token = call.bearer().ok_or_else(|| unauthorized("Access token is empty."))?;
        let claims =
            self.context.issuer.verify(token, clock::seconds()).map_err(|refusal| match refusal {
                Refusal::Expired => unauthorized("Lifetime validation failed, the token is expired."),
                Refusal::Invalid | Refusal::NotYetValid => unauthorized("Access token validation failure."),
            })?;
        if !self.context.audiences.is_graph(&claims.aud) {
            return Err(unauthorized("Access token validation failure. Invalid audience."));
        }
        Ok(claims)
    }

    /// Refuses a caller that may not read members, or change them if `writes`.
    pub(super) fn may(&self, claims: &Claims, group: &Group, writes: bool) -> Result<(), Refused> {
        let held = self.context.world.principal(claims.oid).map(|principal| principal.graph.as_slice());
        let has = |wanted| held.is_some_and(|held| held.contains(&wanted));
        let may_write = has(GraphPermission::WriteMembers) || group.owners.contains(&claims.oid);
        if may_write || (!writes && has(GraphPermission::ReadMembers)) {
            return Ok(());
        }
        Err(denied())
    }

    /// Calls `answer` with the group, which the caller may read, or change if `writes`.
    pub(super) fn with_group<T>(
        &self,
        claims: &Claims,
        id: Uuid,
        writes: bool,
        answer: impl FnOnce(&mut Group) -> Result<T, Refused>,
    ) -> Result<T, Refused> {
        let held = &mut *self.context.access.lock();
        let group = held.directory.group_mut(id).ok_or_else(|| not_found(&id.to_string()))?;
        self.may(claims, group, writes)?;
        answer(group)
    }
}

fn denied() -> Refused {
    let message = "Insufficient privileges to complete the operation.";
    refused(StatusCode::FORBIDDEN, "Authorization_RequestDenied", message)
}

fn parsed(id: &str) -> Result<Uuid, Refused> {
    id.parse().map_err(|_| bad_id(id))
}

fn bad_id(id: &str) -> Refused {
    let message = format!("Invalid object identifier '{id}'.");
    refused(StatusCode::BAD_REQUEST, "Request_BadRequest", &message)
}
