//! Holds all step types and kinds of identities by name, and the kind of places that keep records.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{IdentityType, RecordStoreType, StepType};

/// The step types and the kinds of identities that a runbook can use.
#[derive(Clone, Default)]
pub struct Registry {
    types: BTreeMap<&'static str, Arc<dyn StepType>>,
    identities: BTreeMap<&'static str, Arc<dyn IdentityType>>,
    record_stores: Option<Arc<dyn RecordStoreType>>,
}

impl Registry {
    /// Returns an empty registry.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a step type, replacing one of the same name.
    pub fn add(&mut self, step_type: impl StepType + 'static) {
        self.types.insert(step_type.schema().name, Arc::new(step_type));
    }

    /// Adds a kind of identity, replacing one of the same name.
    pub fn add_identity(&mut self, kind: impl IdentityType + 'static) {
        self.identities.insert(kind.schema().name, Arc::new(kind));
    }

    /// Sets the kind of places that keep records.
    pub fn set_record_stores(&mut self, kind: impl RecordStoreType + 'static) {
        self.record_stores = Some(Arc::new(kind));
    }

    /// Returns the kind of places that keep records, if there is one.
    #[must_use]
    pub fn record_stores(&self) -> Option<&Arc<dyn RecordStoreType>> {
        self.record_stores.as_ref()
    }

    /// Returns the kind of identity with that name.
    #[must_use]
    pub fn identity(&self, name: &str) -> Option<&Arc<dyn IdentityType>> {
        self.identities.get(name)
    }

    /// Returns all kinds of identities, in the order of their names.
    pub fn identities(&self) -> impl Iterator<Item = &Arc<dyn IdentityType>> {
        self.identities.values()
    }

    /// Returns the step type with that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Arc<dyn StepType>> {
        self.types.get(name)
    }

    /// Returns all names, in order.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.types.keys().copied()
    }

    /// Returns all step types, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn StepType>> {
        self.types.values()
    }
}
