//! What a subscription holds.

use indexmap::IndexMap;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{SecretPermission, SecretText};

pub(crate) type Tags = IndexMap<String, String>;

/// A resource group.
#[derive(Clone, Debug)]
pub(crate) struct ResourceGroup {
    pub name: String,
    pub location: String,
    pub tags: Tags,
}

/// One resource, as ARM's lists know it.
#[derive(Clone, Debug)]
pub(crate) struct Resource {
    pub id: String,
    pub name: String,
    /// `Microsoft.KeyVault/vaults` and the like.
    pub type_name: String,
    pub group: String,
    pub location: String,
    pub tags: Tags,
    pub kind: Option<String>,
    pub sku: Option<Value>,
    pub identity: Option<Value>,
    pub detail: Kind,
}

/// What a resource is, where the lab knows more than a list shows: an index into the world's own list of the kind.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Machine,
    Vault(usize),
    Account(usize),
    Other(Map<String, Value>),
}

/// A key vault and what is in it at the start.
#[derive(Clone, Debug)]
pub(crate) struct Vault {
    pub name: String,
    pub id: String,
    pub location: String,
    /// Role assignments decide, and access policies do not count.
    pub rbac: bool,
    pub retention_days: u16,
    pub policies: Vec<Policy>,
    pub secrets: Vec<SeedSecret>,
}

/// What one principal may do with a vault's secrets.
#[derive(Clone, Debug)]
pub(crate) struct Policy {
    pub principal: Uuid,
    pub secrets: Vec<SecretPermission>,
}

/// A secret that is there from the start.
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

/// A storage account and what is in it at the start.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub name: String,
    pub id: String,
    pub containers: Vec<(String, Vec<SeedBlob>)>,
}

/// A blob that is there from the start.
#[derive(Clone, Debug)]
pub(crate) struct SeedBlob {
    pub name: String,
    pub content: String,
    pub content_type: Option<String>,
}
