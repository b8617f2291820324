//! Resources as JSON: a summary in lists, the full document on their own.

use serde_json::{Map, Value, json};

use super::Arm;
use crate::exchange::Call;
use crate::hosts::{Naming, naming_of_arm};
use crate::world::{Kind, Policy, Resource, SecretPermission, Vault};

/// Returns a resource as lists across types show it: without properties.
pub(super) fn item(resource: &Resource, with_tags: bool) -> Value {
    let mut item = Map::new();
    item.insert("id".to_owned(), json!(resource.id));
    item.insert("name".to_owned(), json!(resource.name));
    item.insert("type".to_owned(), json!(resource.type_name));
    let optional = [
        ("kind", resource.kind.as_ref().map(|kind| json!(kind))),
        ("sku", resource.sku.clone()),
        ("identity", resource.identity.clone()),
    ];
    item.extend(optional.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    item.insert("location".to_owned(), json!(resource.location));
    if with_tags {
        item.insert("tags".to_owned(), json!(resource.tags));
    }
    Value::Object(item)
}

impl Arm {
    /// Returns a resource as its provider shows it. Its data endpoints use the same naming (lab or Azure) as
    /// the host under which the caller reached ARM.
    pub(super) fn full(&self, resource: &Resource, call: &Call) -> Value {
        let mut full = item(resource, true);
        let naming = naming_of_arm(&call.authority);
        full["properties"] = match &resource.detail {
            Kind::Machine => self.machine_properties(),
            Kind::Vault(index) => {
                self.context.world.vaults.get(*index).map_or(Value::Null, |vault| self.vault(vault, naming))
            }
            Kind::Account(index) => {
                let name =
                    self.context.world.accounts.get(*index).map_or("", |account| account.name.as_str());
                self.account(name, &resource.location, naming)
            }
            Kind::Other(properties) => Value::Object(properties.clone()),
        };
        full
    }

    fn vault(&self, vault: &Vault, naming: Naming) -> Value {
        let uri = match naming {
            Naming::Local => format!("{}/", self.context.azure.vault(&vault.name)),
            Naming::Public => format!("https://{}.vault.azure.net/", vault.name.to_lowercase()),
        };
        let policies: Vec<Value> = vault.policies.iter().map(|policy| self.policy(policy)).collect();
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

    fn policy(&self, policy: &Policy) -> Value {
        let secrets: &[SecretPermission] = &policy.secrets;
        json!({
            "tenantId": self.context.world.tenant_id,
            "objectId": policy.principal,
            "permissions": { "keys": [], "secrets": secrets, "certificates": [] },
        })
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
