//! The part of ARM in the state that a lab keeps.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use time::OffsetDateTime;
use uuid::Uuid;

use super::resource::{Resource, Stamp};
use super::store::{Registration, Store};
use crate::clock;
use crate::world::World;

/// Every resource, the tags of the subscription, and the namespaces that it is not registered for.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Saved {
    resources: Vec<SavedResource>,
    subscription_tags: Map<String, Value>,
    unregistered: Vec<String>,
    #[serde(default)]
    deleted_vaults: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedResource {
    id: String,
    name: String,
    type_name: String,
    body: Map<String, Value>,
    etag: Uuid,
    stamp: Option<SavedStamp>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedStamp {
    created_by: Uuid,
    #[serde(with = "clock::saved")]
    created: OffsetDateTime,
    modified_by: Uuid,
    #[serde(with = "clock::saved")]
    modified: OffsetDateTime,
}

impl Store {
    /// Returns the current state. An operation that runs counts as ended, except that nothing is deleted before its end.
    pub(crate) fn saved(&self) -> Saved {
        let state = self.lock();
        Saved {
            resources: state.all().map(SavedResource::of).collect(),
            subscription_tags: state.subscription_tags().clone(),
            unregistered: state.unregistered().map(str::to_owned).collect(),
            deleted_vaults: state.deleted_vaults().map(str::to_owned).collect(),
        }
    }

    /// Replaces the state of the world by a saved one.
    pub(crate) fn restore(&self, saved: Saved, world: &World) {
        let state = &mut *self.lock();
        state.clear();
        saved.resources.into_iter().for_each(|resource| state.put(resource.into_resource(world)));
        state.set_subscription_tags(saved.subscription_tags);
        let unregistered =
            saved.unregistered.into_iter().map(|namespace| (namespace, Registration::NotRegistered));
        state.set_unregistered(unregistered.collect());
        state.set_deleted_vaults(saved.deleted_vaults);
    }
}

impl SavedResource {
    fn of(resource: &Resource) -> Self {
        let mut body = resource.body.clone();
        if resource.operation.is_some()
            && let Some(Value::Object(properties)) = body.get_mut("properties")
        {
            properties.insert("provisioningState".to_owned(), "Succeeded".into());
        }
        Self {
            id: resource.id.clone(),
            name: resource.name.clone(),
            type_name: resource.type_name.clone(),
            body,
            etag: resource.etag,
            stamp: resource.stamp.map(|Stamp { created_by, created, modified_by, modified }| SavedStamp {
                created_by,
                created,
                modified_by,
                modified,
            }),
        }
    }

    fn into_resource(self, world: &World) -> Resource {
        let Self { id, name, type_name, body, etag, stamp } = self;
        let seed = world.resources.iter().find(|seed| seed.id.eq_ignore_ascii_case(&id));
        let stamp = stamp.map(|SavedStamp { created_by, created, modified_by, modified }| Stamp {
            created_by,
            created,
            modified_by,
            modified,
        });
        let detail = seed.map_or_else(|| world.kind_at(&id), |seed| seed.detail);
        Resource { id, name, type_name, body, detail, stamp, etag, operation: None }
    }
}
