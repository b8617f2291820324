//! Holds all step types by name.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::StepType;

/// The step types that a runbook can use.
#[derive(Clone, Default)]
pub struct Registry {
    types: BTreeMap<&'static str, Arc<dyn StepType>>,
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
