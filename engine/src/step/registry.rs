//! All step types by name.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::StepType;

/// The step types that a runbook can use.
#[derive(Clone, Default)]
pub struct Registry {
    types: BTreeMap<&'static str, Arc<dyn StepType>>,
}

impl Registry {
    /// No step types yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a step type; a second one of a name takes the place of the first.
    pub fn add(&mut self, step_type: impl StepType + 'static) {
        self.types.insert(step_type.schema().name, Arc::new(step_type));
    }

    /// The step type of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Arc<dyn StepType>> {
        self.types.get(name)
    }

    /// All names, in order.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.types.keys().copied()
    }

    /// All step types, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn StepType>> {
        self.types.values()
    }
}
