//! Subscriptions, their tag names and their resource groups.

use hyper::StatusCode;
use indexmap::IndexMap;
use serde_json::{Value, json};

use super::resource::Resource;
use super::store::State;
use super::{Arm, answer};
use crate::access::Permission;
use crate::exchange::{Answer, Call, Refused};
use crate::token::Claims;

const READ_GROUP: &str = "Microsoft.Resources/subscriptions/resourceGroups/read";

impl Arm {
    /// Lists the subscriptions in which the caller holds a role.
    pub(super) fn subscriptions(&self, claims: &Claims) -> Answer {
        // A world has one subscription, so every scope lies within it.
        let held = self.context.access.has_role(claims.oid);
        let items: Vec<Value> = held.then(|| self.subscription_body()).into_iter().collect();
        let count = json!({ "type": "Total", "value": items.len() });
        Answer::json(StatusCode::OK, &json!({ "value": items, "count": count }))
    }

    pub(super) fn subscription(&self, claims: &Claims) -> Result<Answer, Refused> {
        let scope = self.context.world.subscription_scope();
        self.requires(claims, "Microsoft.Resources/subscriptions/read", &scope)?;
        Ok(Answer::json(StatusCode::OK, &self.subscription_body()))
    }

    fn subscription_body(&self) -> Value {
        json!({
            "id": self.context.world.subscription_scope(),
            "authorizationSource": "RoleBased",
            "managedByTenants": [],
            "subscriptionId": self.context.world.subscription_id,
            "tenantId": self.context.world.tenant_id,
            "displayName": self.context.world.subscription_name,
            "state": "Enabled",
            "subscriptionPolicies": {
                "locationPlacementId": "Public_2014-09-01", "quotaId": "PayAsYouGo_2014-09-01", "spendingLimit": "Off"
            },
        })
    }

    /// Lists every tag name in use, with its values and the count of each.
    pub(super) fn tag_names(&self, claims: &Claims) -> Result<Answer, Refused> {
        let scope = self.context.world.subscription_scope();
        self.requires(claims, "Microsoft.Resources/subscriptions/tagNames/read", &scope)?;
        let mut names: IndexMap<&str, IndexMap<&str, usize>> = IndexMap::new();
        let state = self.store.lock();
        for (name, value) in state.groups().chain(state.resources()).flat_map(Resource::tags) {
            *names.entry(name).or_default().entry(value).or_default() += 1;
        }
        names.sort_unstable_keys();
        let names: Vec<Value> = names.iter().map(|(name, values)| tag_name(&scope, name, values)).collect();
        Ok(answer::list(&names, None))
    }

    /// Lists the resource groups that the caller may read.
    pub(super) fn groups(&self, call: &Call, claims: &Claims) -> Result<Answer, Refused> {
        let readable = |group: &&Resource| {
            self.context.access.allows(claims.oid, Permission::Action(READ_GROUP), &group.id)
        };
        let state = self.store.lock();
        let items: Vec<Value> = state.groups().filter(readable).map(|group| self.full(group, call)).collect();
        if items.is_empty() {
            self.requires(claims, READ_GROUP, &self.context.world.subscription_scope())?;
        }
        self.page(call, items)
    }

    pub(super) fn group(&self, call: &Call, claims: &Claims, name: &str) -> Result<Answer, Refused> {
        let scope = self.context.world.group_scope(name);
        self.requires(claims, READ_GROUP, &scope)?;
        Ok(self.read(call, &mut self.store.lock(), &scope))
    }

    pub(super) fn has_group<'a>(&self, state: &'a State, name: &str) -> Result<&'a Resource, Refused> {
        state.get(&self.context.world.group_scope(name)).ok_or_else(|| {
            let message = format!("Resource group '{name}' could not be found.");
            answer::refused(StatusCode::NOT_FOUND, "ResourceGroupNotFound", &message)
        })
    }
}

fn tag_name(scope: &str, name: &str, values: &IndexMap<&str, usize>) -> Value {
    let id = format!("{scope}/tagNames/{name}");
    let count = |times: usize| json!({ "type": "Total", "value": times });
    let value = |(value, times): (&&str, &usize)| json!({ "id": format!("{id}/tagValues/{value}"), "tagValue": value, "count": count(*times) });
    let each: Vec<Value> = values.iter().map(value).collect();
    json!({ "id": id, "tagName": name, "count": count(values.values().sum()), "values": each })
}
