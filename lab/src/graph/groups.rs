//! Groups.

use hyper::StatusCode;
use serde_json::json;
use uuid::Uuid;

use super::Graph;
use crate::exchange::{Answer, Refused};
use crate::token::Claims;

impl Graph {
    /// Returns a group without its members.
    pub(super) fn group(&self, claims: &Claims, id: Uuid) -> Result<Answer, Refused> {
        self.with_group(claims, id, false, |group| {
            let body = json!({
                "@odata.context": format!("{}/v1.0/$metadata#groups/$entity", self.context.azure.graph_resource()),
                "id": group.id,
                "displayName": group.name,
                "groupTypes": [],
                "mailEnabled": false,
                "securityEnabled": true,
            });
            Ok(Answer::json(StatusCode::OK, &body))
        })
    }
}
