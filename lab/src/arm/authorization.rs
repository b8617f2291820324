//! Role assignments: lists, single ones, creation and removal.

use hyper::{Method, StatusCode};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

use super::store::State;
use super::{Arm, answer};
use crate::access::{Assignment, is_within};
use crate::exchange::{Answer, Call, Refused};
use crate::token::Claims;

const ASSIGNMENTS: &str = "Microsoft.Authorization/roleAssignments";

impl Arm {
    /// Lists the role assignments at, above and below a scope.
    pub(super) fn role_assignments(
        &self,
        call: &Call,
        claims: &Claims,
        scope: &str,
    ) -> Result<Answer, Refused> {
        self.requires(claims, "Microsoft.Authorization/roleAssignments/read", scope)?;
        let filter = Filter::of(call)?;
        let held = self.context.access.lock();
        let items = held.assignments.iter().filter(|held| filter.has(held, scope));
        let items = items.map(|held| self.role_assignment(held)).collect();
        drop(held);
        self.page(call, items)
    }

    /// Answers a request for one role assignment.
    pub(super) fn one_role_assignment(
        &self,
        call: &Call,
        claims: &Claims,
        scope: &str,
        name: &str,
    ) -> Result<Answer, Refused> {
        let verb = match call.method {
            Method::GET | Method::HEAD => "read",
            Method::PUT => "write",
            Method::DELETE => "delete",
            _ => return Err(super::change::not_supported(call)),
        };
        self.requires(claims, &format!("{ASSIGNMENTS}/{verb}"), scope)?;
        let Ok(name) = name.parse::<Uuid>() else {
            let message = format!(
                "The role assignment ID '{name}' is not valid. The role assignment ID must be a GUID."
            );
            return Err(answer::refused(StatusCode::BAD_REQUEST, "InvalidRoleAssignmentId", &message));
        };
        let state = &*self.store.lock();
        self.has_scope(state, scope)?;
        match verb {
            "write" => self.assign(call, state, scope, name),
            "delete" => self.unassign(call, scope, name),
            _ => self.assigned(scope, name),
        }
    }

    fn assigned(&self, scope: &str, name: Uuid) -> Result<Answer, Refused> {
        let held = self.context.access.lock();
        let found = held.assignments.iter().find(|held| held.name == name && is_at(held, scope));
        found.map(|held| Answer::json(StatusCode::OK, &self.role_assignment(held))).ok_or_else(|| {
            let message = format!("The role assignment '{name}' is not found.");
            answer::refused(StatusCode::NOT_FOUND, "RoleAssignmentNotFound", &message)
        })
    }

    fn assign(&self, call: &Call, state: &State, scope: &str, name: Uuid) -> Result<Answer, Refused> {
        let wanted = self.wanted_assignment(call, state, scope, name)?;
        let held = &mut self.context.access.lock().assignments;
        if let Some(own) = held.iter_mut().find(|held| held.name == name && is_at(held, scope)) {
            if !is_same(own, &wanted) {
                let message =
                    "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.";
                let code = "RoleAssignmentUpdateNotPermitted";
                return Err(answer::refused(StatusCode::BAD_REQUEST, code, message));
            }
            let is_new = own.description != wanted.description;
            own.description = wanted.description;
            let answer = Answer::json(StatusCode::OK, &self.role_assignment(own));
            return Ok(if is_new { answer.changed() } else { answer });
        }
        if let Some(other) = held.iter().find(|held| is_same(held, &wanted) && is_at(held, scope)) {
            let message = format!(
                "The role assignment already exists. The ID of the existing role assignment is {}.",
                other.name.simple()
            );
            return Err(super::denial::conflict("RoleAssignmentExists", &message));
        }
        if held.len() >= self.context.world.assignment_limit {
            let message = "No more role assignments can be created in this subscription.";
            return Err(answer::refused(StatusCode::BAD_REQUEST, "RoleAssignmentLimitExceeded", message));
        }
        let answer = Answer::json(StatusCode::CREATED, &self.role_assignment(&wanted)).changed();
        held.push(wanted);
        Ok(answer)
    }

    /// Returns the assignment in the body, whose role and principal exist.
    fn wanted_assignment(
        &self,
        call: &Call,
        state: &State,
        scope: &str,
        name: Uuid,
    ) -> Result<Assignment, Refused> {
        if let Some(denial) = self.faults.denial(call.method.as_str(), &call.target) {
            return Err(super::denial::denied(denial, scope, "write"));
        }
        let content = super::content::content(call, false)?;
        let properties = content.get("properties").cloned().unwrap_or_default();
        let text = |member: &str| properties.get(member).and_then(Value::as_str).unwrap_or_default();
        let definition = text("roleDefinitionId");
        let role = definition.rsplit('/').next().unwrap_or_default();
        let Some(role) =
            role.parse::<Uuid>().ok().and_then(|id| self.context.world.roles.named(&id.to_string()))
        else {
            let message = format!("The specified role definition with ID '{role}' does not exist.");
            return Err(answer::refused(StatusCode::BAD_REQUEST, "RoleDefinitionDoesNotExist", &message));
        };
        let principal = self.directory_object(state, text("principalId"), text("principalType"))?;
        Ok(Assignment {
            name,
            principal_type: principal.1.to_owned(),
            description: Some(text("description").to_owned()).filter(|text| !text.is_empty()),
            condition: Some(text("condition").to_owned()).filter(|text| !text.is_empty()),
            effective: self.context.access.delay(),
            created: OffsetDateTime::now_utc(),
            ..Assignment::new(role, principal.0, scope)
        })
    }

    /// Returns the id and the type of a principal or group of the tenant.
    fn directory_object(
        &self,
        state: &State,
        id: &str,
        given: &str,
    ) -> Result<(Uuid, &'static str), Refused> {
        let known = id.parse().ok().and_then(|id: Uuid| Some((id, self.type_of(state, id)?)));
        let Some((id, actual)) = known else {
            let message = format!(
                "Principal {} does not exist in the directory {}. Check that you have the correct principal ID. If you \
                 are creating this principal and then immediately assigning a role, this error might be related to a \
                 replication delay.",
                id.replace('-', ""),
                self.context.world.tenant_id
            );
            return Err(answer::refused(StatusCode::BAD_REQUEST, "PrincipalNotFound", &message));
        };
        if given.is_empty() || given.eq_ignore_ascii_case(actual) {
            return Ok((id, actual));
        }
        let message = format!(
            "The PrincipalId '{}' has type '{actual}' , which is different from specified PrinciaplType '{given}'.",
            id.simple()
        );
        Err(answer::refused(StatusCode::BAD_REQUEST, "UnmatchedPrincipalType", &message))
    }

    fn type_of(&self, state: &State, id: Uuid) -> Option<&'static str> {
        if self.context.access.lock().directory.group(id).is_some() {
            return Some("Group");
        }
        let is_principal = self.context.world.principal(id).is_some() || state.has_identity(id);
        is_principal.then_some("ServicePrincipal")
    }

    fn unassign(&self, call: &Call, scope: &str, name: Uuid) -> Result<Answer, Refused> {
        if let Some(denial) = self.faults.denial(call.method.as_str(), &call.target) {
            return Err(super::denial::denied(denial, scope, "delete"));
        }
        let held = &mut self.context.access.lock().assignments;
        let Some(at) = held.iter().position(|held| held.name == name && is_at(held, scope)) else {
            return Ok(Answer::new(StatusCode::NO_CONTENT));
        };
        let removed = held.remove(at);
        Ok(Answer::json(StatusCode::OK, &self.role_assignment(&removed)).changed())
    }

    /// Refuses a scope that does not exist.
    pub(super) fn has_scope(&self, state: &State, scope: &str) -> Result<(), Refused> {
        let exists = scope.eq_ignore_ascii_case(&self.context.world.subscription_scope())
            || state.get(scope).is_some();
        if exists { Ok(()) } else { Err(self.not_found(state, scope)) }
    }

    fn role_assignment(&self, held: &Assignment) -> Value {
        json!({
            "id": format!("{}/providers/{ASSIGNMENTS}/{}", held.scope, held.name),
            "name": held.name,
            "type": ASSIGNMENTS,
            "properties": {
                "roleDefinitionId": self.definition_id(&held.role),
                "principalId": held.principal,
                "principalType": held.principal_type,
                "scope": held.scope,
                "condition": held.condition,
                "conditionVersion": held.condition.as_ref().map(|_| "2.0"),
                "description": held.description,
                "createdOn": held.created.format(&Rfc3339).unwrap_or_default(),
            },
        })
    }
}

fn is_at(held: &Assignment, scope: &str) -> bool {
    held.scope.eq_ignore_ascii_case(scope)
}

fn is_same(one: &Assignment, other: &Assignment) -> bool {
    one.role.id == other.role.id && one.principal == other.principal
}

/// The `$filter` of a list.
enum Filter<'a> {
    /// At, above and below the scope.
    All,
    /// At the scope and above it.
    AtScope,
    /// Of one principal, at, above and below the scope.
    Of(&'a str),
}

impl<'a> Filter<'a> {
    fn of(call: &'a Call) -> Result<Self, Refused> {
        let filter = call.query.get("$filter").map(str::trim).unwrap_or_default();
        let quoted = |prefix: &str, suffix: &str| filter.strip_prefix(prefix)?.strip_suffix(suffix);
        match quoted("principalId eq '", "'").or_else(|| quoted("assignedTo('", "')")) {
            Some(principal) => Ok(Self::Of(principal)),
            None if filter.is_empty() => Ok(Self::All),
            None if filter == "atScope()" => Ok(Self::AtScope),
            None => {
                let message = format!(
                    "The filter '{filter}' is not supported. Supported are principalId eq '{{id}}', assignedTo('{{id}}') \
                     and atScope()."
                );
                Err(answer::refused(StatusCode::BAD_REQUEST, "UnsupportedQuery", &message))
            }
        }
    }

    fn has(&self, held: &Assignment, scope: &str) -> bool {
        let is_above = is_within(scope, &held.scope);
        match self {
            Self::AtScope => is_above,
            Self::All => is_above || is_within(&held.scope, scope),
            Self::Of(principal) => {
                let is_its = held.principal.to_string().eq_ignore_ascii_case(principal);
                is_its && (is_above || is_within(&held.scope, scope))
            }
        }
    }
}
