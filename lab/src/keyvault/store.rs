//! The current secrets of one vault.

use std::sync::{Mutex, MutexGuard, PoisonError};

use indexmap::IndexMap;
use uuid::Uuid;

use crate::clock;
use crate::world::{SecretText, SeedSecret, Vault, derived_id};

/// A vault's secrets.
pub(super) struct Store(Mutex<Secrets>);

/// Live and deleted secrets, by name in lower case.
#[derive(Default)]
pub(super) struct Secrets {
    pub live: IndexMap<String, Secret>,
    pub deleted: IndexMap<String, Deleted>,
}

/// A secret: its name as first written, and its versions, newest last.
pub(super) struct Secret {
    pub name: String,
    pub versions: Vec<Version>,
}

/// A soft-deleted secret.
pub(super) struct Deleted {
    pub secret: Secret,
    /// Unix seconds.
    pub at: i64,
}

/// One version of a secret.
#[derive(Clone)]
pub(super) struct Version {
    /// 32 hexadecimal digits.
    pub id: String,
    pub value: SecretText,
    pub content_type: Option<String>,
    pub tags: IndexMap<String, String>,
    pub enabled: bool,
    /// Unix seconds, as are the times below.
    pub not_before: Option<i64>,
    pub expires: Option<i64>,
    pub created: i64,
    pub updated: i64,
}

impl Store {
    pub(super) fn new(vault: &Vault) -> Self {
        let now = clock::seconds();
        let entry = |seed: &SeedSecret| {
            let id = derived_id(&["secret version", &vault.id, &seed.name]);
            let version = Version {
                id: id.simple().to_string(),
                value: seed.value.clone(),
                content_type: seed.content_type.clone(),
                tags: seed.tags.clone(),
                enabled: seed.enabled,
                not_before: seed.not_before,
                expires: seed.expires,
                created: now,
                updated: now,
            };
            (seed.name.to_lowercase(), Secret { name: seed.name.clone(), versions: vec![version] })
        };
        let live = vault.secrets.iter().map(entry).collect();
        Self(Mutex::new(Secrets { live, deleted: IndexMap::new() }))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Secrets> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Secret {
    pub(super) fn latest(&self) -> Option<&Version> {
        self.versions.last()
    }

    pub(super) fn version(&self, id: &str) -> Option<&Version> {
        self.versions.iter().find(|version| version.id.eq_ignore_ascii_case(id))
    }
}

/// Generates a version id.
pub(super) fn fresh_version() -> String {
    Uuid::new_v4().simple().to_string()
}
