//! The part of the agent in the state that a lab keeps.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::connection::{AgentState, ConnectedMachine};
use crate::world::{Machine, Principal, World};

/// The agent's connection and proxy.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Saved {
    connected: Option<SavedMachine>,
    proxy: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedMachine {
    name: String,
    id: String,
    group: String,
    location: String,
    tags: IndexMap<String, String>,
    object_id: Uuid,
    client_id: Uuid,
}

impl AgentState {
    /// Returns the current state.
    pub(crate) fn saved(&self) -> Saved {
        let machine = |own: &ConnectedMachine| {
            let Machine { name, id, group, location, tags, .. } = own.machine.clone();
            let Principal { object_id, client_id, .. } = own.principal;
            SavedMachine { name, id, group, location, tags, object_id, client_id }
        };
        Saved { connected: self.connected().as_deref().map(machine), proxy: self.proxy() }
    }

    /// Replaces the state of the world by a saved one.
    pub(crate) fn restore(&self, saved: Saved, world: &World) {
        self.set_proxy(&saved.proxy);
        let connected = saved.connected.and_then(|saved| saved.into_machine(world));
        self.set(connected);
    }
}

impl SavedMachine {
    fn into_machine(self, world: &World) -> Option<ConnectedMachine> {
        let Self { name, id, group, location, tags, object_id, client_id } = self;
        let new = || Principal::of_machine(&name, &id, object_id, client_id);
        let principal = world.principal(object_id).cloned().unwrap_or_else(new);
        let declared = world.machine.as_ref()?.clone();
        let machine = Machine { name, id, group, location, tags, ..declared };
        Some(ConnectedMachine { machine, principal })
    }
}
