//! A resource as the lab stores it.

use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

use super::id::group_of;
use crate::clock;
use crate::world::{self, GROUP_TYPE, Kind};

/// A resource or a resource group in its current state.
#[derive(Clone, Debug)]
pub(super) struct Resource {
    pub id: String,
    /// Name in lists across types: for a child, `parent/child`.
    pub name: String,
    pub type_name: String,
    /// The members that clients write, write-only ones included.
    pub body: Map<String, Value>,
    pub detail: Kind,
    /// `None` for a resource of the world file that no request has changed.
    pub stamp: Option<Stamp>,
    pub etag: Uuid,
    /// The operation that is changing the resource.
    pub operation: Option<Uuid>,
}

/// The identities that wrote a resource first and last, and when.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stamp {
    pub created_by: Uuid,
    pub created: OffsetDateTime,
    pub modified_by: Uuid,
    pub modified: OffsetDateTime,
}

impl Resource {
    pub(super) fn seeded(seed: &world::Resource) -> Self {
        let world::Resource { id, name, type_name, body, detail } = seed.clone();
        Self { id, name, type_name, body, detail, stamp: None, etag: Uuid::new_v4(), operation: None }
    }

    pub(super) fn is_group(&self) -> bool {
        self.type_name == GROUP_TYPE
    }

    pub(super) fn group(&self) -> &str {
        group_of(&self.id)
    }

    pub(super) fn location(&self) -> &str {
        self.body.get("location").and_then(Value::as_str).unwrap_or_default()
    }

    /// Returns the names and values of the tags.
    pub(super) fn tags(&self) -> impl Iterator<Item = (&str, &str)> {
        let tags = self.body.get("tags").and_then(Value::as_object);
        tags.into_iter().flatten().filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
    }

    /// Returns `properties.provisioningState`.
    pub(super) fn state(&self) -> Option<&str> {
        self.body.get("properties")?.get("provisioningState")?.as_str()
    }

    /// Sets `properties.provisioningState`, and with it the entity tag.
    pub(super) fn set_state(&mut self, state: &str) {
        let properties = self.body.entry("properties").or_insert_with(|| json!({}));
        if let Value::Object(properties) = properties {
            properties.insert("provisioningState".to_owned(), state.into());
        }
        self.etag = Uuid::new_v4();
    }
}

impl Stamp {
    /// Returns the stamp of a write by `principal` at this moment.
    pub(super) fn next(before: Option<Self>, principal: Uuid) -> Self {
        let now = clock::now();
        let first = Self { created_by: principal, created: now, modified_by: principal, modified: now };
        before.map_or(first, |before| Self { modified_by: principal, modified: now, ..before })
    }

    /// Returns the member `systemData`.
    pub(super) fn system_data(&self) -> Value {
        json!({
            "createdBy": self.created_by,
            "createdByType": "Application",
            "createdAt": clock::iso(self.created),
            "lastModifiedBy": self.modified_by,
            "lastModifiedByType": "Application",
            "lastModifiedAt": clock::iso(self.modified),
        })
    }
}
