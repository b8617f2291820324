//! Role definitions: the roles that can be assigned.

use hyper::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Arm, answer};
use crate::access::Role;
use crate::exchange::{Answer, Call, Refused};
use crate::token::Claims;

const DEFINITIONS: &str = "Microsoft.Authorization/roleDefinitions";

impl Arm {
    /// Lists the roles that can be assigned at a scope.
    pub(super) fn role_definitions(
        &self,
        call: &Call,
        claims: &Claims,
        scope: &str,
    ) -> Result<Answer, Refused> {
        self.requires(claims, &format!("{DEFINITIONS}/read"), scope)?;
        let name = name_in_filter(call)?;
        let is_wanted = |role: &&Role| name.is_none_or(|name| role.name.eq_ignore_ascii_case(name));
        let roles = self.context.world.roles.all().filter(is_wanted);
        self.page(call, roles.map(|role| self.role_definition(role)).collect())
    }

    pub(super) fn one_role_definition(
        &self,
        call: &Call,
        claims: &Claims,
        scope: &str,
        name: &str,
    ) -> Result<Answer, Refused> {
        if !matches!(call.method, Method::GET | Method::HEAD) {
            return Err(super::change::not_supported(call));
        }
        self.requires(claims, &format!("{DEFINITIONS}/read"), scope)?;
        let id: Option<Uuid> = name.parse().ok();
        let role = self.context.world.roles.all().find(|role| Some(role.id) == id);
        role.map(|role| Answer::json(StatusCode::OK, &self.role_definition(role))).ok_or_else(|| {
            let message = format!("The specified role definition with ID '{name}' does not exist.");
            answer::refused(StatusCode::NOT_FOUND, "RoleDefinitionDoesNotExist", &message)
        })
    }

    /// Returns the id of a role in the subscription.
    pub(super) fn definition_id(&self, role: &Role) -> String {
        format!("{}/providers/{DEFINITIONS}/{}", self.context.world.subscription_scope(), role.id)
    }

    fn role_definition(&self, role: &Role) -> Value {
        let built_in = role.is_built_in();
        let everywhere = "/".to_owned();
        json!({
            "id": self.definition_id(role),
            "name": role.id,
            "type": DEFINITIONS,
            "properties": {
                "roleName": role.name,
                "type": if built_in { "BuiltInRole" } else { "CustomRole" },
                "description": "",
                "assignableScopes":
                    [if built_in { everywhere } else { self.context.world.subscription_scope() }],
                "permissions": [{
                    "actions": role.actions,
                    "notActions": role.not_actions,
                    "dataActions": role.data_actions,
                    "notDataActions": role.not_data_actions,
                }],
            },
        })
    }
}

/// Returns the name that the `$filter` of a list selects; `None` for every role.
fn name_in_filter(call: &Call) -> Result<Option<&str>, Refused> {
    let filter = call.query.get("$filter").map(str::trim).unwrap_or_default();
    let name = filter.strip_prefix("roleName eq '").and_then(|rest| rest.strip_suffix('\''));
    if name.is_none() && !["", "atScopeAndBelow()"].contains(&filter) {
        let message = format!(
            "The filter '{filter}' is not supported. Supported are roleName eq '{{name}}' and atScopeAndBelow()."
        );
        return Err(answer::refused(StatusCode::BAD_REQUEST, "UnsupportedQuery", &message));
    }
    Ok(name)
}
