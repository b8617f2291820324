//! JSON bodies of secrets.

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::VaultRequest;
use super::store::{Deleted, Secret, SecretValue, Version, fresh_version};
use crate::clock;
use crate::world::{SecretText, Vault};

const DAY: i64 = 86_400;

/// The body of a set request.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SetBody {
    value: SecretText,
    content_type: Option<String>,
    #[serde(default)]
    tags: IndexMap<String, String>,
    #[serde(default)]
    attributes: SetAttributes,
}

#[derive(Default, serde::Deserialize)]
struct SetAttributes {
    enabled: Option<bool>,
    nbf: Option<i64>,
    exp: Option<i64>,
}

/// The body of an update request.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UpdateBody {
    content_type: Option<String>,
    tags: Option<IndexMap<String, String>>,
    #[serde(default)]
    attributes: SetAttributes,
}

impl UpdateBody {
    pub(super) fn apply(self, version: &mut Version) {
        version.content_type = self.content_type.or(version.content_type.take());
        if let Some(tags) = self.tags {
            version.tags = tags;
        }
        version.enabled = self.attributes.enabled.unwrap_or(version.enabled);
        version.not_before = self.attributes.nbf.or(version.not_before);
        version.expires = self.attributes.exp.or(version.expires);
        version.updated = clock::seconds();
    }
}

impl SetBody {
    /// Returns the value's length in bytes.
    pub(super) fn length(&self) -> usize {
        self.value.reveal().len()
    }

    pub(super) fn into_version(self) -> Version {
        let now = clock::seconds();
        Version {
            id: fresh_version(),
            value: SecretValue::Text(self.value),
            content_type: self.content_type,
            tags: self.tags,
            enabled: self.attributes.enabled.unwrap_or(true),
            not_before: self.attributes.nbf,
            expires: self.attributes.exp,
            created: now,
            updated: now,
        }
    }
}

/// Renders a version with its value.
pub(super) fn bundle(request: VaultRequest<'_>, secret: &Secret, version: &Version) -> Value {
    let mut bundle =
        described(request, version, &format!("{}/{}", id(request, "secrets", &secret.name), version.id));
    bundle.insert("value".to_owned(), json!(version.value.reveal()));
    Value::Object(bundle)
}

/// Renders an item of the list of secrets: no value, and no version in its id.
pub(super) fn item(request: VaultRequest<'_>, secret: &Secret, version: &Version) -> Value {
    Value::Object(described(request, version, &id(request, "secrets", &secret.name)))
}

/// Renders an item of the list of versions.
pub(super) fn version_item(request: VaultRequest<'_>, secret: &Secret, version: &Version) -> Value {
    let id = format!("{}/{}", id(request, "secrets", &secret.name), version.id);
    Value::Object(described(request, version, &id))
}

/// Renders a deleted secret: its latest version without the value, and its recovery deadline.
pub(super) fn deleted(request: VaultRequest<'_>, deleted: &Deleted) -> Value {
    let Some(version) = deleted.secret.latest() else { return Value::Null };
    let name = &deleted.secret.name;
    let full_id = format!("{}/{}", id(request, "secrets", name), version.id);
    recoverable(request, deleted, described(request, version, &full_id))
}

/// Renders an item of the list of deleted secrets.
pub(super) fn deleted_item(request: VaultRequest<'_>, deleted: &Deleted) -> Value {
    let Some(version) = deleted.secret.latest() else { return Value::Null };
    let id = id(request, "secrets", &deleted.secret.name);
    recoverable(request, deleted, described(request, version, &id))
}

fn recoverable(request: VaultRequest<'_>, deleted: &Deleted, mut bundle: Map<String, Value>) -> Value {
    let name = &deleted.secret.name;
    bundle.insert("recoveryId".to_owned(), json!(id(request, "deletedsecrets", name)));
    bundle.insert("deletedDate".to_owned(), json!(deleted.at));
    let purge = deleted.at + i64::from(request.vault.retention_days) * DAY;
    bundle.insert("scheduledPurgeDate".to_owned(), json!(purge));
    Value::Object(bundle)
}

fn id(request: VaultRequest<'_>, collection: &str, name: &str) -> String {
    format!("{}/{collection}/{name}", request.call.base())
}

fn described(request: VaultRequest<'_>, version: &Version, id: &str) -> Map<String, Value> {
    let mut map = Map::new();
    map.insert("id".to_owned(), json!(id));
    if let Some(content_type) = &version.content_type {
        map.insert("contentType".to_owned(), json!(content_type));
    }
    if version.made().is_some() {
        map.insert("managed".to_owned(), json!(true));
    }
    map.insert("attributes".to_owned(), attributes(version, request.vault));
    map.insert("tags".to_owned(), json!(version.tags));
    map
}

fn attributes(version: &Version, vault: &Vault) -> Value {
    let level =
        if vault.retention_days < 90 { "CustomizedRecoverable+Purgeable" } else { "Recoverable+Purgeable" };
    let mut map = Map::new();
    map.insert("enabled".to_owned(), json!(version.enabled));
    let times = [("nbf", version.not_before), ("exp", version.expires)];
    map.extend(times.into_iter().filter_map(|(name, time)| Some((name.to_owned(), json!(time?)))));
    map.insert("created".to_owned(), json!(version.created));
    map.insert("updated".to_owned(), json!(version.updated));
    map.insert("recoveryLevel".to_owned(), json!(level));
    map.insert("recoverableDays".to_owned(), json!(vault.retention_days));
    Value::Object(map)
}
