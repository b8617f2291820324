//! The current resources of the subscription, and the operations that change them.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use indexmap::IndexMap;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::operation::{Operation, OperationStatus};
use super::resource::Resource;
use super::run_command::{self, Scripts};
use crate::access::is_within;
use crate::script::Script;
use crate::world::{ChangeMethod, Kind, World};

/// The registration of the subscription for a namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Registration {
    NotRegistered,
    /// So many further requests find it running.
    Registering(u32),
    Registered,
}

impl Registration {
    /// Returns the word of ARM.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::NotRegistered => "NotRegistered",
            Self::Registering(_) => "Registering",
            Self::Registered => "Registered",
        }
    }
}

/// The state of ARM while the lab runs.
pub(crate) struct Store(Mutex<State>);

pub(super) struct State {
    /// Resources and resource groups by id in lower case, sorted by name, as ARM lists them.
    resources: IndexMap<String, Resource>,
    /// Every operation since the start; clients may ask for one long after its end.
    operations: IndexMap<Uuid, Operation>,
    subscription_tags: Map<String, Value>,
    /// Namespaces, in lower case, that the subscription is not registered for, with the number of requests that find
    /// the registration running once it has begun.
    unregistered: HashMap<String, Registration>,
    /// The ids of deleted vaults, in lower case: they keep their names until they are recovered.
    deleted_vaults: BTreeSet<String>,
    /// The scripts of run commands that have not ended, by the ids of these in lower case.
    scripts: HashMap<String, Script>,
    may_run: Scripts,
}

impl Store {
    pub(crate) fn new(world: &World) -> Self {
        let seeded = world.resources.iter().map(Resource::seeded);
        let unregistered = world.types.iter().filter(|declared| !declared.registered);
        let mut state = State {
            resources: seeded.map(|resource| (resource.id.to_lowercase(), resource)).collect(),
            operations: IndexMap::new(),
            subscription_tags: Map::new(),
            unregistered: unregistered
                .map(|declared| (declared.namespace().to_lowercase(), Registration::NotRegistered))
                .collect(),
            deleted_vaults: BTreeSet::new(),
            scripts: HashMap::new(),
            may_run: Scripts { really_run: world.run_commands, ends: world.script_ends.clone() },
        };
        state.sort();
        Self(Mutex::new(state))
    }

    /// Returns the state after every operation whose time is over has ended.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.settle();
        state
    }

    /// Returns whether there is a resource with this id.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(id).is_some()
    }

    pub(crate) fn operations(&self) -> Vec<Operation> {
        self.lock().operations.values().cloned().collect()
    }

    /// Returns whether a resource has an identity with this object id.
    pub(crate) fn has_identity(&self, id: Uuid) -> bool {
        self.lock().has_identity(id)
    }

    /// Makes a resource that of the machine whose agent the lab plays.
    pub(crate) fn belongs_to_agent(&self, id: &str) {
        let state = &mut *self.lock();
        if let Some(resource) = state.resources.get_mut(&id.to_lowercase()) {
            resource.detail = Kind::Machine;
        }
    }

    /// Returns a resource's members as they were written, write-only ones included.
    pub(crate) fn written(&self, id: &str) -> Option<serde_json::Value> {
        self.lock().get(id).map(|resource| resource.body.clone().into())
    }
}

impl State {
    /// Returns the resources in the order of ARM's lists.
    pub(super) fn resources(&self) -> impl Iterator<Item = &Resource> {
        self.resources.values().filter(|resource| !resource.is_group())
    }

    /// Returns whether a resource has an identity with this object id.
    pub(super) fn has_identity(&self, id: Uuid) -> bool {
        let id = id.to_string();
        let own = |resource: &Resource| {
            resource.body.get("identity")?.get("principalId")?.as_str().map(str::to_owned)
        };
        self.resources().filter_map(own).any(|own| own.eq_ignore_ascii_case(&id))
    }

    /// Returns every resource and resource group.
    pub(super) fn all(&self) -> impl Iterator<Item = &Resource> {
        self.resources.values()
    }

    pub(super) fn groups(&self) -> impl Iterator<Item = &Resource> {
        self.resources.values().filter(|resource| resource.is_group())
    }

    pub(super) fn get(&self, id: &str) -> Option<&Resource> {
        self.resources.get(&id.to_lowercase())
    }

    pub(super) fn put(&mut self, resource: Resource) {
        let key = resource.id.to_lowercase();
        if let Some(existing) = self.resources.get_mut(&key) {
            *existing = resource;
            return;
        }
        let place = order(&resource);
        let (Ok(at) | Err(at)) = self.resources.binary_search_by(|_, other| order(other).cmp(&place));
        self.resources.shift_insert(at, key, resource);
    }

    /// Marks a change that took place at once.
    pub(super) fn succeed(&mut self, id: &str) {
        if let Some(resource) = self.resources.get_mut(&id.to_lowercase()) {
            resource.settle("Succeeded", None);
        }
        self.start_script(id);
    }

    /// Marks a change that failed at once.
    pub(super) fn fail(&mut self, id: &str, error: &serde_json::Value) {
        if let Some(resource) = self.resources.get_mut(&id.to_lowercase()) {
            resource.settle("Failed", Some(error));
        }
    }

    /// Returns whether an operation is deleting `resource`.
    pub(super) fn is_being_deleted(&self, resource: &Resource) -> bool {
        let operation = resource.operation.and_then(|id| self.operations.get(&id));
        operation.is_some_and(|operation| operation.change_method() == ChangeMethod::Delete)
    }

    /// Removes a resource and everything under it.
    pub(super) fn remove(&mut self, id: &str) {
        let removed = self.resources.iter().filter(|(_, resource)| is_within(&resource.id, id));
        let vaults = removed.filter(|(_, resource)| matches!(resource.detail, Kind::Vault(_)));
        self.deleted_vaults.extend(vaults.map(|(key, _)| key.clone()));
        self.resources.retain(|_, resource| !is_within(&resource.id, id));
        self.scripts.retain(|script, _| !is_within(script, id));
    }

    pub(super) fn deleted_vaults(&self) -> impl Iterator<Item = &str> {
        self.deleted_vaults.iter().map(String::as_str)
    }

    pub(super) fn is_deleted_vault(&self, id: &str) -> bool {
        self.deleted_vaults.contains(&id.to_lowercase())
    }

    /// Frees the name of a deleted vault, which exists again.
    pub(super) fn recover_vault(&mut self, id: &str) {
        self.deleted_vaults.remove(&id.to_lowercase());
    }

    pub(super) fn set_deleted_vaults(&mut self, ids: impl IntoIterator<Item = String>) {
        self.deleted_vaults = ids.into_iter().collect();
    }

    /// Removes every resource and every script.
    pub(super) fn clear(&mut self) {
        self.resources.clear();
        self.scripts.clear();
    }

    pub(super) fn set_subscription_tags(&mut self, tags: Map<String, Value>) {
        self.subscription_tags = tags;
    }

    /// Returns the namespaces that the subscription is not registered for.
    pub(super) fn unregistered(&self) -> impl Iterator<Item = &str> {
        self.unregistered.keys().map(String::as_str)
    }

    pub(super) fn set_unregistered(&mut self, unregistered: HashMap<String, Registration>) {
        self.unregistered = unregistered;
    }

    pub(super) fn subscription_tags(&self) -> &Map<String, Value> {
        &self.subscription_tags
    }

    /// Replaces the tags of a resource or a group, or those of the subscription.
    pub(super) fn set_tags(&mut self, scope: &str, tags: Map<String, Value>) {
        match self.resources.get_mut(&scope.to_lowercase()) {
            Some(resource) => {
                resource.body.insert("tags".to_owned(), tags.into());
                resource.etag = Uuid::new_v4();
            }
            None => self.subscription_tags = tags,
        }
    }

    pub(super) fn registration(&self, namespace: &str) -> Registration {
        self.unregistered.get(&namespace.to_lowercase()).copied().unwrap_or(Registration::Registered)
    }

    /// Begins a registration, which so many requests find running.
    pub(super) fn register(&mut self, namespace: &str, polls: u32) {
        if let Some(registration) = self.unregistered.get_mut(&namespace.to_lowercase()) {
            *registration = Registration::Registering(polls);
        }
        self.poll_registration(namespace);
    }

    /// Counts a request that asks for a registration.
    pub(super) fn poll_registration(&mut self, namespace: &str) {
        let key = namespace.to_lowercase();
        match self.unregistered.get_mut(&key) {
            Some(Registration::Registering(0)) => {
                self.unregistered.remove(&key);
            }
            Some(Registration::Registering(left)) => *left -= 1,
            _ => {}
        }
    }

    /// Starts an operation on its resource.
    pub(super) fn start(&mut self, operation: Operation) {
        if operation.change_method() != ChangeMethod::Post
            && let Some(resource) = self.resources.get_mut(&operation.resource().to_lowercase())
        {
            resource.operation = Some(operation.id());
            resource.set_state(&operation.state());
        }
        self.operations.insert(operation.id(), operation);
    }

    /// Counts a poll of an operation, and ends the operation if that was its last.
    pub(super) fn poll(&mut self, id: Uuid) -> Option<&Operation> {
        let operation = self.operations.get_mut(&id)?;
        operation.poll();
        if operation.is_over(Instant::now()) {
            self.end(id);
        }
        self.operations.get(&id)
    }

    /// Runs the script of the run command `id`, if it is one.
    fn start_script(&mut self, id: &str) {
        let key = id.to_lowercase();
        let Some(resource) = self.resources.get(&key) else { return };
        if let Some(script) = run_command::script(resource, &self.may_run) {
            self.scripts.insert(key, script);
        }
    }

    /// Ends what is over by now: scripts, and operations whose time has passed.
    pub(super) fn settle(&mut self) {
        let now = Instant::now();
        let resources = &mut self.resources;
        self.scripts.retain(|id, script| {
            let is_over = script.is_over(now);
            if let Some(resource) = resources.get_mut(id) {
                run_command::show(resource, script);
            }
            !is_over
        });
        let over = |operation: &&Operation| operation.is_timed() && operation.is_over(now);
        let over: Vec<Uuid> = self.operations.values().filter(over).map(Operation::id).collect();
        for id in over {
            self.end(id);
        }
    }

    fn end(&mut self, id: Uuid) {
        let Some(operation) = self.operations.get_mut(&id) else { return };
        let status = operation.end();
        let (word, error) = (operation.state(), operation.error());
        let deleted =
            operation.change_method() == ChangeMethod::Delete && status == OperationStatus::Succeeded;
        let key = operation.resource().to_lowercase();
        // The resource may be another one by now, if its group was deleted and created again.
        let Some(resource) = self.resources.get_mut(&key).filter(|resource| resource.operation == Some(id))
        else {
            return;
        };
        resource.operation = None;
        resource.settle(&word, error.as_ref());
        if deleted {
            self.remove(&key);
        } else if status == OperationStatus::Succeeded {
            self.start_script(&key);
        }
    }

    fn sort(&mut self) {
        self.resources.sort_by_cached_key(|_, resource| order(resource));
    }
}

/// Returns the key by which ARM's lists are sorted.
fn order(resource: &Resource) -> (String, String) {
    (resource.name.to_lowercase(), resource.type_name.to_lowercase())
}
