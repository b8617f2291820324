//! The access policies of a vault, as Azure Resource Manager shows and changes them.

use std::collections::{BTreeMap, BTreeSet};

use arcbook_engine::step::{StepError, Text};
use arcbook_engine::value::{Type, Value};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::http::HttpResponse;
use crate::json::or_empty;

/// The version of the provider that changes policies.
const VERSION: &str = "?api-version=2023-07-01";

/// The holder of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Principal {
    pub id: Uuid,
    /// The application through which the principal acts.
    pub application: Option<Uuid>,
}

/// The permissions of a policy, by kind; the service writes them in any case and order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Permissions(BTreeMap<String, BTreeSet<String>>);

/// The ways in which one policy is changed; the others stay as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UpdateKind {
    Add,
    Replace,
    Remove,
}

impl UpdateKind {
    /// Returns the path of the change of the vault at `path`.
    pub fn path(self, path: Text) -> Text {
        path.then("/accessPolicies/").then(match self {
            Self::Add => "add",
            Self::Replace => "replace",
            Self::Remove => "remove",
        })
    }

    /// Returns the URL of the change of the vault at `vault`.
    pub fn url(self, vault: Text) -> Text {
        self.path(vault).then(VERSION)
    }
}

/// The kinds of permissions.
const KINDS: [&str; 4] = ["certificates", "keys", "secrets", "storage"];

impl Permissions {
    fn of(lists: &BTreeMap<String, Option<Vec<String>>>) -> Self {
        let mut permissions = Self::default();
        for (kind, list) in lists {
            let list: BTreeSet<String> = list.iter().flatten().cloned().collect();
            permissions.set(&kind.to_ascii_lowercase(), &list);
        }
        permissions
    }

    /// Sets the permissions of a kind.
    pub fn set(&mut self, kind: &str, list: &BTreeSet<String>) {
        let list: BTreeSet<String> = list.iter().map(|permission| permission.to_ascii_lowercase()).collect();
        if list.is_empty() {
            self.0.remove(kind);
        } else {
            self.0.insert(kind.to_owned(), list);
        }
    }

    fn list(&self, kind: &str) -> Value {
        let list = self.0.get(kind).into_iter().flatten();
        Value::list(Type::String, list.map(|permission| Value::from(permission.as_str())))
    }

    /// Returns lists by kind.
    pub fn into_value(self) -> Value {
        Value::object(KINDS.map(|kind| (kind, self.list(kind))))
    }

    /// Returns the permissions that [`Self::into_value`] wrote.
    pub fn from_value(value: &Value) -> Option<Self> {
        let lists: BTreeMap<String, Option<Vec<String>>> =
            serde_json::from_value(value.to_json().ok()?).ok()?;
        Some(Self::of(&lists))
    }

    /// Returns the kinds in which `self` differs from `other`, with both lists.
    pub fn compared(&self, other: &Self) -> BTreeMap<&'static str, (Value, Value)> {
        let differs = |kind: &&str| self.0.get(*kind) != other.0.get(*kind);
        KINDS.into_iter().filter(differs).map(|kind| (kind, (self.list(kind), other.list(kind)))).collect()
    }
}

/// The access policies of a vault.
pub(crate) struct Policies(Properties);

#[derive(Deserialize)]
struct Vault {
    properties: Properties,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    tenant_id: String,
    #[serde(default, deserialize_with = "or_empty")]
    access_policies: Vec<Policy>,
    #[serde(default, deserialize_with = "or_empty")]
    enable_rbac_authorization: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Policy {
    object_id: String,
    application_id: Option<String>,
    #[serde(default, deserialize_with = "or_empty")]
    permissions: BTreeMap<String, Option<Vec<String>>>,
}

impl Policies {
    /// Reads the policies of a vault from the vault.
    pub fn read(vault: &HttpResponse) -> Result<Self, StepError> {
        vault.json::<Vault>().map(|vault| Self(vault.properties))
    }

    /// Returns true if the vault uses roles instead.
    pub fn is_ignored(&self) -> bool {
        self.0.enable_rbac_authorization
    }

    /// Returns the permissions of a principal; none if it has no policy.
    pub fn of(&self, principal: Principal) -> Option<Permissions> {
        let id = principal.id.to_string();
        let application = principal.application.map(|id| id.to_string());
        let is_own = |policy: &&Policy| {
            let other = policy.application_id.as_ref().map(|id| id.to_ascii_lowercase());
            policy.object_id.eq_ignore_ascii_case(&id) && other == application
        };
        let own = self.0.access_policies.iter().find(is_own);
        own.map(|policy| Permissions::of(&policy.permissions))
    }

    /// Returns the body of a change of the policy of a principal.
    pub fn update(&self, principal: Principal, permissions: &Permissions) -> Json {
        let lists: BTreeMap<&str, Vec<&str>> = KINDS
            .into_iter()
            .map(|kind| (kind, permissions.0.get(kind).into_iter().flatten().map(String::as_str).collect()))
            .collect();
        let mut policy = json!({
            "tenantId": self.0.tenant_id,
            "objectId": principal.id.to_string(),
            "permissions": lists,
        });
        if let Some(application) = principal.application {
            policy["applicationId"] = application.to_string().into();
        }
        json!({ "properties": { "accessPolicies": [policy] } })
    }
}
