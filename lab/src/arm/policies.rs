//! Changes of the access policies of a key vault: `PUT {vault}/accessPolicies/{add|replace|remove}`.

use hyper::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use super::denial;
use super::{Arm, answer};
use crate::exchange::{Answer, Call, Refused};
use crate::fault::Denial;
use crate::world::{Kind, Policy, SecretPermission};

/// The way in which the given policies change those of the vault. Each concerns the policies of its principals only.
#[derive(Clone, Copy)]
enum Update {
    Add,
    Replace,
    Remove,
}

#[derive(serde::Deserialize)]
struct Body {
    properties: Properties,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    access_policies: Vec<Entry>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    tenant_id: Uuid,
    object_id: Uuid,
    application_id: Option<Uuid>,
    permissions: Lists,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Lists {
    keys: Vec<String>,
    secrets: Vec<String>,
    certificates: Vec<String>,
    storage: Vec<String>,
}

impl Arm {
    /// Answers a change of access policies; `None` if `call` is no such change.
    pub(super) fn change_policies(&self, call: &Call) -> Option<Result<Answer, Refused>> {
        let path = call.path.trim_end_matches('/');
        let (parent, update) = path.rsplit_once('/')?;
        let update = match update.to_ascii_lowercase().as_str() {
            "add" => Update::Add,
            "replace" => Update::Replace,
            "remove" => Update::Remove,
            _ => return None,
        };
        let (vault, kind) = parent.rsplit_once('/')?;
        let is_change = kind.eq_ignore_ascii_case("accessPolicies") && call.method == Method::PUT;
        is_change.then(|| self.update_policies(call, vault, update))
    }

    fn update_policies(&self, call: &Call, vault: &str, update: Update) -> Result<Answer, Refused> {
        let state = self.store.lock();
        let Some(resource) = state.get(vault) else { return Err(self.not_found(&state, vault)) };
        let Kind::Vault(index) = resource.detail else { return Err(self.not_found(&state, vault)) };
        match self.faults.denial(call.method.as_str(), &call.target) {
            Some(Denial::Conflict) => {
                let message = "A conflict occurred that prevented the operation from completing. The operation failed \
                               because the vault was changed at the same time. Retry the operation later.";
                return Err(denial::conflict("ConflictError", message));
            }
            Some(denial) => return Err(denial::denied(denial, &resource.id, "write")),
            None => {}
        }
        let invalid = |reason: &str| {
            let message = format!("The parameter accessPolicies is invalid: {reason}.");
            answer::refused(StatusCode::BAD_REQUEST, "BadRequest", &message)
        };
        let body: Body = serde_json::from_slice(&call.body)
            .map_err(|error| invalid(&format!("line {}, column {}", error.line(), error.column())))?;
        let mut given = Vec::new();
        for entry in body.properties.access_policies {
            if entry.tenant_id != self.context.world.tenant_id {
                return Err(invalid("the tenant of a policy is not that of the vault"));
            }
            let secrets = entry.permissions.secrets.iter().map(|word| {
                let known = serde_json::from_value::<SecretPermission>(Value::from(word.to_lowercase()));
                known.map_err(|_| invalid("a permission for secrets is unknown"))
            });
            given.push(Policy {
                principal: entry.object_id,
                application: entry.application_id,
                secrets: secrets.collect::<Result<_, _>>()?,
                keys: entry.permissions.keys,
                certificates: entry.permissions.certificates,
                storage: entry.permissions.storage,
            });
        }
        let now = self.context.policies.change(index, |policies| change(policies, given, update));
        let policies: Vec<Value> = now.iter().map(|policy| self.policy(policy)).collect();
        let body = json!({
            "id": format!("{}/accessPolicies/", resource.id),
            "name": "",
            "type": "Microsoft.KeyVault/vaults/accessPolicies",
            "properties": { "accessPolicies": policies },
        });
        Ok(Answer::json(StatusCode::OK, &body).changed())
    }
}

fn change(policies: &mut Vec<Policy>, given: Vec<Policy>, update: Update) {
    for new in given {
        let is_same = |own: &Policy| own.principal == new.principal && own.application == new.application;
        match (policies.iter().position(is_same), update) {
            (Some(at), Update::Add) => policies[at].merge(new),
            (Some(at), Update::Replace) => policies[at] = new,
            (Some(at), Update::Remove) => {
                policies.remove(at);
            }
            (None, Update::Add | Update::Replace) => policies.push(new),
            (None, Update::Remove) => {}
        }
    }
}
