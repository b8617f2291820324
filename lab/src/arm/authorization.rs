//! Role assignments.

use serde_json::{Value, json};

use super::{Arm, answer};
use crate::access::{Assignment, is_within};
use crate::exchange::{Answer, Call, Refused};
use crate::token::Claims;

impl Arm {
    /// Lists the role assignments at, above and below a scope.
    pub(super) fn role_assignments(
        &self,
        call: &Call,
        claims: &Claims,
        scope: &str,
    ) -> Result<Answer, Refused> {
        self.requires(claims, "Microsoft.Authorization/roleAssignments/read", scope)?;
        let principal = principal_filter(call)?;
        let all = self.context.world.assignments.iter();
        let items = all
            .filter(|held| is_within(&held.scope, scope) || is_within(scope, &held.scope))
            .filter(|held| {
                principal.is_none_or(|wanted| held.principal.to_string().eq_ignore_ascii_case(wanted))
            })
            .map(|held| self.role_assignment(held))
            .collect();
        self.page(call, items)
    }

    fn role_assignment(&self, held: &Assignment) -> Value {
        let definition = format!(
            "{}/providers/Microsoft.Authorization/roleDefinitions/{}",
            self.context.world.subscription_scope(),
            held.role.id
        );
        json!({
            "id": format!("{}/providers/Microsoft.Authorization/roleAssignments/{}", held.scope, held.name),
            "name": held.name,
            "type": "Microsoft.Authorization/roleAssignments",
            "properties": {
                "roleDefinitionId": definition,
                "principalId": held.principal,
                "principalType": "ServicePrincipal",
                "scope": held.scope,
                "condition": null,
                "description": null,
            },
        })
    }
}

/// Returns the principal of `$filter=principalId eq '…'` or `assignedTo('…')`. The lab ignores `atScope()`.
fn principal_filter(call: &Call) -> Result<Option<&str>, Refused> {
    let Some(filter) = call.query.get("$filter").map(str::trim) else { return Ok(None) };
    let quoted = |prefix: &str, suffix: &str| filter.strip_prefix(prefix)?.strip_suffix(suffix);
    match quoted("principalId eq '", "'").or_else(|| quoted("assignedTo('", "')")) {
        Some(principal) => Ok(Some(principal)),
        None if filter.is_empty() || filter == "atScope()" => Ok(None),
        None => {
            let message = format!(
                "The filter '{filter}' is not supported. Supported are principalId eq '{{id}}', \
                                   assignedTo('{{id}}') and atScope()."
            );
            Err(answer::refused(hyper::StatusCode::BAD_REQUEST, "UnsupportedQuery", &message))
        }
    }
}
