//! The connection of the machine to Azure, as its agent knows it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::managed;
use crate::world::{Machine, Principal, World};

/// The machine whose agent the lab plays, as it is connected.
#[derive(Clone, Debug)]
pub(crate) struct ConnectedMachine {
    pub machine: Machine,
    /// Its own identity.
    pub principal: Principal,
}

/// The state of the agent.
pub(crate) struct AgentState(Mutex<State>);

struct State {
    connected: Option<Arc<ConnectedMachine>>,
    proxy: String,
}

impl AgentState {
    /// Returns the state of the world: connected, unless its block says otherwise.
    pub(crate) fn new(world: &World) -> Self {
        let machine = world.machine.as_ref().filter(|_| world.is_connected);
        let connected = machine.and_then(|machine| {
            let principal = managed::own(world, machine)?.clone();
            Some(Arc::new(ConnectedMachine { machine: machine.clone(), principal }))
        });
        Self(Mutex::new(State { connected, proxy: String::new() }))
    }

    /// Returns the connected machine; `None` if it is not connected, or the world has none.
    pub(crate) fn connected(&self) -> Option<Arc<ConnectedMachine>> {
        self.lock().connected.clone()
    }

    pub(crate) fn set(&self, connected: Option<ConnectedMachine>) {
        self.lock().connected = connected.map(Arc::new);
    }

    /// Returns the URL of the agent's proxy; empty if there is none.
    pub(crate) fn proxy(&self) -> String {
        self.lock().proxy.clone()
    }

    pub(crate) fn set_proxy(&self, proxy: &str) {
        proxy.clone_into(&mut self.lock().proxy);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
