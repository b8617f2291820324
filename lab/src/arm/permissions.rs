//! The permissions of the caller at a scope.

use serde_json::json;

use super::Arm;
use crate::exchange::{Answer, Call, Refused};
use crate::token::Claims;

impl Arm {
    /// Lists what the caller may do at a scope: the permissions of each role that it or a group of it holds there or above,
    /// as far as they are in effect.
    pub(super) fn permissions(&self, call: &Call, claims: &Claims, scope: &str) -> Result<Answer, Refused> {
        self.requires(claims, "Microsoft.Authorization/permissions/read", scope)?;
        let roles = self.context.access.roles(claims.oid, scope);
        let items = roles.iter().map(|role| {
            json!({
                "actions": role.actions,
                "notActions": role.not_actions,
                "dataActions": role.data_actions,
                "notDataActions": role.not_data_actions,
            })
        });
        self.page(call, items.collect())
    }
}
