//! Secrets as JSON, and JSON as secrets.

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::Visit;
use super::store::{Deleted, Secret, Version, fresh_version};
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

impl SetBody {
    /// Length of the value in bytes.
    pub(super) fn length(&self) -> usize {
        self.value.reveal().len()
    }

    pub(super) fn into_version(self) -> Version {
        let now = clock::seconds();
        Version {
            id: fresh_version(),
            value: self.value,
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

/// A version with its value.
pub(super) fn bundle(visit: Visit<'_>, secret: &Secret, version: &Version) -> Value {
    let mut bundle =
        described(visit, version, &format!("{}/{}", id(visit, "secrets", &secret.name), version.id));
    bundle.insert("value".to_owned(), json!(version.value.reveal()));
    Value::Object(bundle)
}

/// An item of the list of secrets: no value, no version in its id.
pub(super) fn item(visit: Visit<'_>, secret: &Secret, version: &Version) -> Value {
    Value::Object(described(visit, version, &id(visit, "secrets", &secret.name)))
}

/// An item of the list of versions.
pub(super) fn version_item(visit: Visit<'_>, secret: &Secret, version: &Version) -> Value {
    let id = format!("{}/{}", id(visit, "secrets", &secret.name), version.id);
    Value::Object(described(visit, version, &id))
}

/// A deleted secret: its latest version without the value, and until when it can be recovered.
pub(super) fn deleted(visit: Visit<'_>, deleted: &Deleted) -> Value {
    let Some(version) = deleted.secret.latest() else { return Value::Null };
    let name = &deleted.secret.name;
    let full_id = format!("{}/{}", id(visit, "secrets", name), version.id);
    let mut bundle = described(visit, version, &full_id);
    bundle.insert("recoveryId".to_owned(), json!(id(visit, "deletedsecrets", name)));
    bundle.insert("deletedDate".to_owned(), json!(deleted.at));
    let purge = deleted.at + i64::from(visit.vault.retention_days) * DAY;
    bundle.insert("scheduledPurgeDate".to_owned(), json!(purge));
    Value::Object(bundle)
}

fn id(visit: Visit<'_>, collection: &str, name: &str) -> String {
    format!("{}/{collection}/{name}", visit.call.base())
}

fn described(visit: Visit<'_>, version: &Version, id: &str) -> Map<String, Value> {
    let mut map = Map::new();
    map.insert("id".to_owned(), json!(id));
    if let Some(content_type) = &version.content_type {
        map.insert("contentType".to_owned(), json!(content_type));
    }
    map.insert("attributes".to_owned(), attributes(version, visit.vault));
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
