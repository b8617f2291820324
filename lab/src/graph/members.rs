//! The members of a group.

use hyper::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Graph;
use super::answer::{not_found, refused};
use crate::access::Membership;
use crate::exchange::{Answer, Call, Refused};
use crate::token::Claims;

/// The size of a page, as in Graph.
const PAGE: usize = 100;

impl Graph {
    /// Lists the direct members.
    pub(super) fn members(&self, call: &Call, claims: &Claims, id: Uuid) -> Result<Answer, Refused> {
        let members: Vec<Uuid> =
            self.with_group(claims, id, false, |group| Ok(group.members.keys().copied().collect()))?;
        let items = members.into_iter().map(|member| self.object(member)).collect();
        let (page, next) = self.links.page(call, &call.base(), items, PAGE).map_err(|_| {
            refused(
                StatusCode::BAD_REQUEST,
                "Directory_ExpiredPageToken",
                "The specified page token is invalid.",
            )
        })?;
        let mut body = json!({ "value": page });
        if let Some(next) = next {
            body["@odata.nextLink"] = next.into();
        }
        Ok(Answer::json(StatusCode::OK, &body))
    }

    /// Returns the reference of one direct member.
    pub(super) fn member(&self, claims: &Claims, id: Uuid, member: Uuid) -> Result<Answer, Refused> {
        let is_member =
            self.with_group(claims, id, false, |group| Ok(group.members.contains_key(&member)))?;
        if !is_member {
            return Err(not_found(&member.to_string()));
        }
        let base = self.context.azure.graph_resource();
        let body = json!({
            "@odata.context": format!("{base}/v1.0/$metadata#$ref"),
            "@odata.id": format!("{base}/v1.0/directoryObjects/{member}"),
        });
        Ok(Answer::json(StatusCode::OK, &body))
    }

    /// Adds the member that the body refers to.
    pub(super) fn add(&self, call: &Call, claims: &Claims, id: Uuid) -> Result<Answer, Refused> {
        let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
        let reference = body.get("@odata.id").and_then(Value::as_str).unwrap_or_default();
        let member = reference.rsplit('/').next().and_then(|id| id.parse::<Uuid>().ok());
        let Some(member) = member else {
            let message = "The request body has no valid reference '@odata.id'.";
            return Err(refused(StatusCode::BAD_REQUEST, "Request_BadRequest", message));
        };
        let is_known = self.is_known(member);
        let effective = self.context.access.delay();
        self.with_group(claims, id, true, |group| {
            if !is_known {
                return Err(not_found(&member.to_string()));
            }
            if group.members.contains_key(&member) {
                let message = "One or more added object references already exist for the following modified \
                               properties: 'members'.";
                return Err(refused(StatusCode::BAD_REQUEST, "Request_BadRequest", message));
            }
            group.members.insert(member, Membership { effective });
            Ok(Answer::new(StatusCode::NO_CONTENT).changed())
        })
    }

    /// Removes a member.
    pub(super) fn remove(&self, claims: &Claims, id: Uuid, member: Uuid) -> Result<Answer, Refused> {
        self.with_group(claims, id, true, |group| match group.members.shift_remove(&member) {
            Some(_) => Ok(Answer::new(StatusCode::NO_CONTENT).changed()),
            None => Err(not_found(&member.to_string())),
        })
    }

    fn object(&self, id: Uuid) -> Value {
        let held = self.context.access.lock();
        if let Some(group) = held.directory.group(id) {
            return json!({ "@odata.type": "#microsoft.graph.group", "id": id, "displayName": group.name });
        }
        let name = self.context.name_of(id);
        json!({ "@odata.type": "#microsoft.graph.servicePrincipal", "id": id, "displayName": name })
    }

    fn is_known(&self, id: Uuid) -> bool {
        let is_group = self.context.access.lock().directory.group(id).is_some();
        is_group || self.context.world.principal(id).is_some() || self.store.has_identity(id)
    }
}
