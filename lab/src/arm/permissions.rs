//! The permissions of the caller at a scope, and the deny assignments there.

use serde_json::{Value, json};
use uuid::Uuid;

use super::Arm;
use crate::access::is_within;
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

    /// Lists the deny assignments at a scope and above it.
    pub(super) fn deny_assignments(
        &self,
        call: &Call,
        claims: &Claims,
        scope: &str,
    ) -> Result<Answer, Refused> {
        self.requires(claims, "Microsoft.Authorization/denyAssignments/read", scope)?;
        let denials = self.context.access.denials().iter().filter(|denial| is_within(scope, &denial.scope));
        let directory = |id: &Uuid| self.context.access.lock().directory.group(*id).is_some();
        let principals = |ids: &[Uuid]| -> Vec<Value> {
            let kind = |id| if directory(id) { "Group" } else { "ServicePrincipal" };
            ids.iter().map(|id| json!({ "id": id, "type": kind(id) })).collect()
        };
        let items = denials.map(|denial| {
            let role = &denial.role;
            let named = match denial.principals.as_slice() {
                [] => vec![json!({ "id": Uuid::nil(), "type": "SystemDefined" })],
                own => principals(own),
            };
            json!({
                "id": format!("{}/providers/Microsoft.Authorization/denyAssignments/{}", denial.scope, denial.id),
                "name": denial.id,
                "type": "Microsoft.Authorization/denyAssignments",
                "properties": {
                    "denyAssignmentName": denial.name,
                    "scope": denial.scope,
                    "permissions": [{
                        "actions": role.actions,
                        "notActions": role.not_actions,
                        "dataActions": role.data_actions,
                        "notDataActions": role.not_data_actions,
                    }],
                    "principals": named,
                    "excludePrincipals": principals(&denial.excluded),
                    "doNotApplyToChildScopes": false,
                    "isSystemProtected": false,
                },
            })
        });
        let items = items.collect();
        self.page(call, items)
    }
}
