//! The current secrets of one vault.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use indexmap::IndexMap;
use uuid::Uuid;

use super::certificates::Made;
use crate::clock;
use crate::world::{SecretText, SeedCertificate, SeedSecret, Vault, derived_id};

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
    /// The number of requests that do not see the secret yet, because it is being recovered.
    pub unseen: u32,
}

/// A soft-deleted secret.
pub(super) struct Deleted {
    pub secret: Secret,
    /// Unix seconds.
    pub at: i64,
    /// The number of requests that do not see the deleted secret yet, because it is being deleted.
    pub unseen: u32,
}

/// The value of a version.
#[derive(Clone)]
pub(super) enum SecretValue {
    Text(SecretText),
    /// The export of a certificate.
    Certificate(Arc<Made>),
}

impl SecretValue {
    pub(super) fn reveal(&self) -> &str {
        match self {
            Self::Text(text) => text.reveal(),
            Self::Certificate(made) => &made.content().value,
        }
    }
}

/// One version of a secret.
#[derive(Clone)]
pub(super) struct Version {
    /// 32 hexadecimal digits.
    pub id: String,
    pub value: SecretValue,
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
        let version = |name: &str, value: SecretValue| Version {
            id: derived_id(&["secret version", &vault.id, name]).simple().to_string(),
            value,
            content_type: None,
            tags: IndexMap::new(),
            enabled: true,
            not_before: None,
            expires: None,
            created: now,
            updated: now,
        };
        let entry = |name: &str, version: Version| {
            (name.to_lowercase(), Secret { name: name.to_owned(), versions: vec![version], unseen: 0 })
        };
        let secret = |seed: &SeedSecret| {
            let version = Version {
                content_type: seed.content_type.clone(),
                tags: seed.tags.clone(),
                enabled: seed.enabled,
                not_before: seed.not_before,
                expires: seed.expires,
                ..version(&seed.name, SecretValue::Text(seed.value.clone()))
            };
            entry(&seed.name, version)
        };
        let certificate = |seed: &SeedCertificate| {
            let value = SecretValue::Certificate(Arc::new(Made::new(seed.clone())));
            let content_type = Some(seed.content_type.clone());
            entry(&seed.name, Version { content_type, ..version(&seed.name, value) })
        };
        let secrets = vault.secrets.iter().map(secret);
        let live = secrets.chain(vault.certificates.iter().map(certificate)).collect();
        Self(Mutex::new(Secrets { live, deleted: IndexMap::new() }))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Secrets> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Secrets {
    /// Returns a live secret; one that is being recovered is seen after some requests.
    pub(super) fn seen(&mut self, name: &str) -> Option<&Secret> {
        let secret = self.live.get_mut(&name.to_lowercase())?;
        if secret.unseen > 0 {
            secret.unseen -= 1;
            return None;
        }
        Some(secret)
    }
}

impl Version {
    /// Returns the certificate whose export is the value.
    pub(super) fn made(&self) -> Option<&Made> {
        match &self.value {
            SecretValue::Certificate(made) => Some(made),
            SecretValue::Text(_) => None,
        }
    }
}

impl Secret {
    pub(super) fn latest(&self) -> Option<&Version> {
        self.versions.last()
    }

    /// Returns the version with this id, or the latest one.
    pub(super) fn version(&self, id: Option<&str>) -> Option<&Version> {
        match id {
            Some(id) => self.versions.iter().find(|version| version.id.eq_ignore_ascii_case(id)),
            None => self.latest(),
        }
    }
}

/// Generates a version id.
pub(super) fn fresh_version() -> String {
    Uuid::new_v4().simple().to_string()
}
