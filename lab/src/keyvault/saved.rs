//! The part of a key vault in the state that a lab keeps.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::Vaults;
use super::certificates::{Content, Made};
use super::store::{Deleted, Secret, SecretValue, Secrets, Store, Version};
use crate::world::{Policy, SecretText, Vault};

/// The secrets of a vault, deleted ones included, and its access policies.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Saved {
    live: Vec<SavedSecret>,
    deleted: Vec<SavedDeleted>,
    policies: Vec<Policy>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedSecret {
    name: String,
    versions: Vec<SavedVersion>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedDeleted {
    secret: SavedSecret,
    at: i64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedVersion {
    id: String,
    value: String,
    /// The certificate in DER and base64, if the value is its export.
    certificate: Option<String>,
    content_type: Option<String>,
    tags: IndexMap<String, String>,
    enabled: bool,
    not_before: Option<i64>,
    expires: Option<i64>,
    created: i64,
    updated: i64,
}

impl Vaults {
    /// Returns the current state of each vault.
    pub(crate) fn saved(&self) -> BTreeMap<String, Saved> {
        let of = |(index, (vault, store)): (usize, (&Vault, &Store))| {
            (vault.name.clone(), store.saved(self.context.policies.of(index)))
        };
        self.stores().enumerate().map(of).collect()
    }

    /// Replaces the state of the world by a saved one.
    pub(crate) fn restore(&self, mut saved: BTreeMap<String, Saved>) {
        for (index, (vault, store)) in self.stores().enumerate() {
            if let Some(saved) = saved.remove(&vault.name) {
                let policies = store.restore(saved, vault);
                self.context.policies.change(index, |own| *own = policies);
            }
        }
    }
}

impl Store {
    fn saved(&self, policies: Vec<Policy>) -> Saved {
        let secrets = self.lock();
        let deleted =
            |deleted: &Deleted| SavedDeleted { secret: SavedSecret::of(&deleted.secret), at: deleted.at };
        Saved {
            live: secrets.live.values().map(SavedSecret::of).collect(),
            deleted: secrets.deleted.values().map(deleted).collect(),
            policies,
        }
    }

    /// Replaces the secrets, and returns the saved policies.
    fn restore(&self, saved: Saved, vault: &Vault) -> Vec<Policy> {
        let secret = |saved: SavedSecret| (saved.name.to_lowercase(), saved.into_secret(vault));
        let deleted = |SavedDeleted { secret: saved, at }: SavedDeleted| {
            let (name, secret) = secret(saved);
            (name, Deleted { secret, at, unseen: 0 })
        };
        *self.lock() = Secrets {
            live: saved.live.into_iter().map(secret).collect(),
            deleted: saved.deleted.into_iter().map(deleted).collect(),
        };
        saved.policies
    }
}

impl SavedSecret {
    fn of(secret: &Secret) -> Self {
        Self { name: secret.name.clone(), versions: secret.versions.iter().map(SavedVersion::of).collect() }
    }

    fn into_secret(self, vault: &Vault) -> Secret {
        let Self { name, versions } = self;
        let versions = versions.into_iter().map(|version| version.into_version(&name, vault)).collect();
        Secret { name, versions, unseen: 0 }
    }
}

impl SavedVersion {
    fn of(version: &Version) -> Self {
        let certificate = version.made().map(|made| STANDARD.encode(&made.content().der));
        let Version { id, value, content_type, tags, enabled, not_before, expires, created, updated } =
            version.clone();
        let value = value.reveal().to_owned();
        Self { id, value, certificate, content_type, tags, enabled, not_before, expires, created, updated }
    }

    /// Returns the version of the secret `name`; a certificate that the world no longer has is a plain secret.
    fn into_version(self, name: &str, vault: &Vault) -> Version {
        let Self {
            id,
            value,
            certificate,
            content_type,
            tags,
            enabled,
            not_before,
            expires,
            created,
            updated,
        } = self;
        let seed = vault.certificates.iter().find(|seed| seed.name.eq_ignore_ascii_case(name));
        let der = certificate.and_then(|der| STANDARD.decode(der).ok());
        let value = match (seed, der) {
            (Some(seed), Some(der)) => {
                SecretValue::Certificate(Arc::new(Made::of(seed.clone(), Content { der, value })))
            }
            _ => SecretValue::Text(SecretText::new(value)),
        };
        Version { id, value, content_type, tags, enabled, not_before, expires, created, updated }
    }
}
