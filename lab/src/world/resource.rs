//! The resources of a subscription.

use indexmap::IndexMap;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{SecretPermission, SecretText};

pub(crate) type Tags = IndexMap<String, String>;

/// Resource type of resource groups.
pub(crate) const GROUP_TYPE: &str = "Microsoft.Resources/resourceGroups";

/// Resource type of deployments.
pub(crate) const DEPLOYMENT_TYPE: &str = "Microsoft.Resources/deployments";

/// A resource or a resource group in the initial state.
#[derive(Clone, Debug)]
pub(crate) struct Resource {
    pub id: String,
    /// Name in lists across types: for a child, `parent/child`.
    pub name: String,
    /// Resource type, such as `Microsoft.KeyVault/vaults`.
    pub type_name: String,
    /// The other members as clients write them: `location`, `tags`, `kind`, `sku`, `properties`.
    pub body: Map<String, Value>,
    pub detail: Kind,
}

/// The kind of a resource that the lab models in detail, as an index into the world's list of that kind.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Machine,
    Vault(usize),
    Account(usize),
    Other,
}

/// A key vault and its initial content.
#[derive(Clone, Debug)]
pub(crate) struct Vault {
    pub name: String,
    pub id: String,
    pub location: String,
    /// If set, role assignments decide access, and access policies are ignored.
    pub rbac: bool,
    pub retention_days: u16,
    pub policies: Vec<Policy>,
    /// The number of requests that do not see a deleted or recovered secret yet.
    pub deletion_polls: u32,
    pub secrets: Vec<SeedSecret>,
    pub certificates: Vec<SeedCertificate>,
}

/// A principal's permissions in a vault.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Policy {
    pub principal: Uuid,
    /// The application through which the principal acts.
    pub application: Option<Uuid>,
    pub secrets: Vec<SecretPermission>,
    pub keys: Vec<String>,
    pub certificates: Vec<String>,
    pub storage: Vec<String>,
}

impl Policy {
    /// Adds the permissions of `other`.
    pub(crate) fn merge(&mut self, other: Self) {
        fn add<T: PartialEq>(own: &mut Vec<T>, more: Vec<T>) {
            for permission in more {
                if !own.contains(&permission) {
                    own.push(permission);
                }
            }
        }
        add(&mut self.secrets, other.secrets);
        add(&mut self.keys, other.keys);
        add(&mut self.certificates, other.certificates);
        add(&mut self.storage, other.storage);
    }
}

/// A secret in the initial state.
#[derive(Clone, Debug)]
pub(crate) struct SeedSecret {
    pub name: String,
    pub value: SecretText,
    pub content_type: Option<String>,
    pub enabled: bool,
    pub tags: Tags,
    /// Unix seconds.
    pub not_before: Option<i64>,
    /// Unix seconds.
    pub expires: Option<i64>,
}

/// A certificate in the initial state, which the lab makes.
#[derive(Clone, Debug)]
pub(crate) struct SeedCertificate {
    pub name: String,
    /// The common name of its subject.
    pub subject: String,
    /// `application/x-pkcs12` or `application/x-pem-file`.
    pub content_type: String,
    /// True if the export has the private key.
    pub exportable: bool,
}

/// A storage account and its initial content.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub name: String,
    pub id: String,
    pub containers: Vec<SeedContainer>,
}

/// A container in the initial state.
#[derive(Clone, Debug)]
pub(crate) struct SeedContainer {
    pub name: String,
    /// True if a retention policy protects its blobs.
    pub immutable: bool,
    pub blobs: Vec<SeedBlob>,
}

/// A blob in the initial state.
#[derive(Clone, Debug)]
pub(crate) struct SeedBlob {
    pub name: String,
    pub content: String,
    pub content_type: Option<String>,
}
