//! Resources as JSON: a summary in lists, the full document on their own.

use hyper::StatusCode;
use serde_json::{Map, Value, json};

use super::resource::Resource;
use super::{Arm, document};
use crate::clock;
use crate::exchange::{Answer, Call};
use crate::hosts::{Naming, naming_of_arm};
use crate::world::{Kind, Policy, SecretPermission, Vault};

/// `provisioningState` of a resource that no operation changes.
const SUCCEEDED: &str = "Succeeded";

/// Members of the body that lists across types show.
const LISTED: [&str; 8] =
    ["kind", "sku", "identity", "plan", "managedBy", "zones", "extendedLocation", "location"];

/// Returns a resource as lists across types show it: without properties. `expand` is the list in `$expand`.
pub(super) fn item(resource: &Resource, with_tags: bool, expand: &str) -> Value {
    let mut item = head(resource, &resource.name);
    let shown = |name: &&str| LISTED.contains(name) || (*name == "tags" && with_tags);
    let names = LISTED.iter().copied().chain(["tags"]).filter(shown);
    let members = names.filter_map(|name| Some((name.to_owned(), resource.body.get(name)?.clone())));
    item.extend(members);
    let stamp = resource.stamp;
    let expanded = [
        ("createdTime", stamp.map(|stamp| json!(clock::iso(stamp.created)))),
        ("changedTime", stamp.map(|stamp| json!(clock::iso(stamp.modified)))),
        ("provisioningState", Some(json!(resource.state().unwrap_or(SUCCEEDED)))),
    ];
    let wanted = |name: &str| expand.split(',').any(|wanted| wanted.trim().eq_ignore_ascii_case(name));
    let expanded = expanded.into_iter().filter(|(name, _)| wanted(name));
    item.extend(expanded.filter_map(|(name, value)| Some((name.to_owned(), value?))));
    item.into()
}

fn head(resource: &Resource, name: &str) -> Map<String, Value> {
    let members = [("id", resource.id.as_str()), ("name", name), ("type", resource.type_name.as_str())];
    members.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect()
}

impl Arm {
    /// Builds a response with a resource, and its entity tag if its type has them.
    pub(super) fn shown(&self, status: StatusCode, resource: &Resource, call: &Call) -> Answer {
        let answer = Answer::json(status, &self.full(resource, call));
        if self.has_etag(resource) { answer.header("etag", quoted(resource)) } else { answer }
    }

    fn has_etag(&self, resource: &Resource) -> bool {
        self.context.world.resource_type(&resource.type_name).is_some_and(|declared| declared.etag)
    }

    /// Returns a resource as its provider shows it, without write-only members. Its data endpoints use the
    /// same naming (lab or Azure) as the host under which the caller reached ARM.
    pub(super) fn full(&self, resource: &Resource, call: &Call) -> Value {
        let mut full = head(resource, resource.name.rsplit('/').next().unwrap_or_default());
        full.extend(resource.body.clone());
        let mut properties = self.detail(resource, naming_of_arm(&call.authority));
        if let Some(Value::Object(own)) = full.shift_remove("properties") {
            document::merge(&mut properties, own);
        }
        full.insert("properties".to_owned(), properties.into());
        if let Some(stamp) = resource.stamp {
            full.insert("systemData".to_owned(), stamp.system_data());
        }
        if let Some(declared) = self.context.world.resource_type(&resource.type_name) {
            declared.write_only.iter().for_each(|path| document::remove(&mut full, path));
        }
        if resource.is_deployment() && resource.state() != Some(SUCCEEDED) {
            document::remove(&mut full, &["properties".to_owned(), "outputs".to_owned()]);
        }
        if self.has_etag(resource) {
            full.insert("etag".to_owned(), quoted(resource).into());
        }
        full.into()
    }

    /// Returns the properties that the lab adds to a resource of the world file.
    fn detail(&self, resource: &Resource, naming: Naming) -> Map<String, Value> {
        let detail = match resource.detail {
            Kind::Machine => self.machine_properties(resource),
            Kind::Vault(index) => {
                let vault = self.context.world.vaults.get(index);
                vault.map_or(Value::Null, |vault| self.vault(vault, &self.context.policies.of(index), naming))
            }
            Kind::Account(index) => {
                let name = self.context.world.accounts.get(index).map_or("", |account| account.name.as_str());
                self.account(name, resource.location(), naming)
            }
            Kind::Other if resource.is_group() => json!({ "provisioningState": SUCCEEDED }),
            Kind::Other => Value::Null,
        };
        match detail {
            Value::Object(detail) => detail,
            _ => Map::new(),
        }
    }

    fn vault(&self, vault: &Vault, policies: &[Policy], naming: Naming) -> Value {
        let uri = match naming {
            Naming::Local => format!("{}/", self.context.azure.vault(&vault.name)),
            Naming::Public => format!("https://{}.vault.azure.net/", vault.name.to_lowercase()),
        };
        let policies: Vec<Value> = policies.iter().map(|policy| self.policy(policy)).collect();
        json!({
            "sku": { "family": "A", "name": "standard" },
            "tenantId": self.context.world.tenant_id,
            "accessPolicies": policies,
            "enabledForDeployment": false,
            "enableSoftDelete": true,
            "softDeleteRetentionInDays": vault.retention_days,
            "enableRbacAuthorization": vault.rbac,
            "vaultUri": uri,
            "provisioningState": "Succeeded",
            "publicNetworkAccess": "Enabled",
        })
    }

    pub(super) fn policy(&self, policy: &Policy) -> Value {
        let secrets: &[SecretPermission] = &policy.secrets;
        let mut shown = json!({
            "tenantId": self.context.world.tenant_id,
            "objectId": policy.principal,
            "permissions": { "keys": policy.keys, "secrets": secrets, "certificates": policy.certificates },
        });
        if let Some(application) = policy.application {
            shown["applicationId"] = json!(application);
        }
        if !policy.storage.is_empty() {
            shown["permissions"]["storage"] = json!(policy.storage);
        }
        shown
    }

    fn account(&self, name: &str, location: &str, naming: Naming) -> Value {
        let blob = match naming {
            Naming::Local => format!("{}/", self.context.azure.blob(name)),
            Naming::Public => format!("https://{name}.blob.core.windows.net/"),
        };
        json!({
            "accessTier": "Hot",
            "allowBlobPublicAccess": false,
            "minimumTlsVersion": "TLS1_2",
            "primaryEndpoints": { "blob": blob },
            "primaryLocation": location,
            "provisioningState": "Succeeded",
            "statusOfPrimary": "available",
            "supportsHttpsTrafficOnly": true,
        })
    }
}

fn quoted(resource: &Resource) -> String {
    format!("\"{}\"", resource.etag)
}
