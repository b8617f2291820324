//! Holds a value for each instance of a block.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::graph::{Instance, ModuleId};
use crate::value::{Origins, Type, Value};

/// The instances of one block, each with a `T` once that is known.
#[derive(Clone, Debug)]
pub enum InstanceMap<T> {
    /// The number of instances is not known yet; before its evaluation, neither is the reason.
    Open(Option<Later>),
    /// The block is not repeated.
    Only(Option<T>),
    /// The block has `count`.
    Count(Vec<Option<T>>),
    /// The block has `for_each`: the value of `each.value` and the `T` of each key.
    Each(BTreeMap<Arc<str>, (Value, Option<T>)>),
}

/// The reason why the instances of a block are not known yet.
#[derive(Clone, Debug)]
pub struct Later {
    /// The origins that the number of instances depends on.
    pub origins: Origins,
    /// The type of `each.value`.
    pub value: Type,
    /// True if the block has `count`.
    pub counted: bool,
}

impl<T> InstanceMap<T> {
    /// Returns the reason why the number of instances is not known yet.
    pub fn later(&self) -> Option<&Later> {
        match self {
            Self::Open(later) => later.as_ref(),
            _ => None,
        }
    }

    /// Returns true if it is known that there are no instances.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Count(all) => all.is_empty(),
            Self::Each(all) => all.is_empty(),
            Self::Only(_) | Self::Open(_) => false,
        }
    }

    /// Returns the value of an existing instance, if it is known.
    pub fn get(&self, instance: &Instance) -> Option<&Option<T>> {
        match (self, instance) {
            (Self::Only(value), Instance::Only) => Some(value),
            (Self::Count(values), Instance::Index(index)) => values.get(*index),
            (Self::Each(values), Instance::Key(key)) => values.get(key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// Sets the value of an instance; an instance that does not exist is ignored.
    pub fn set(&mut self, instance: &Instance, value: T) {
        let slot = match (self, instance) {
            (Self::Only(slot), Instance::Only) => Some(slot),
            (Self::Count(slots), Instance::Index(index)) => slots.get_mut(*index),
            (Self::Each(slots), Instance::Key(key)) => slots.get_mut(key).map(|(_, slot)| slot),
            _ => None,
        };
        if let Some(slot) = slot {
            *slot = Some(value);
        }
    }

    /// Returns true if `each.value` of an instance is not wholly known.
    pub fn has_unknown_values(&self) -> bool {
        match self {
            Self::Each(values) => values.values().any(|(value, _)| !value.is_wholly_known()),
            _ => false,
        }
    }

    /// Replaces `each.value` of each instance by that of the same instance in `newer`.
    pub fn refresh(&mut self, newer: Self) {
        let (Self::Each(values), Self::Each(newer)) = (self, newer) else { return };
        for (key, (value, _)) in newer {
            if let Some((older, _)) = values.get_mut(&key) {
                *older = value;
            }
        }
    }

    /// Returns `each.value` of an instance.
    pub fn each_value(&self, instance: &Instance) -> Option<&Value> {
        match (self, instance) {
            (Self::Each(values), Instance::Key(key)) => values.get(key).map(|(value, _)| value),
            _ => None,
        }
    }

    /// Returns the instances in order; empty if their number is not known.
    pub fn instances(&self) -> Vec<Instance> {
        match self {
            Self::Open(_) => Vec::new(),
            Self::Only(_) => vec![Instance::Only],
            Self::Count(values) => (0..values.len()).map(Instance::Index).collect(),
            Self::Each(values) => values.keys().cloned().map(Instance::Key).collect(),
        }
    }
}

/// The instances of an expanded block.
pub enum Instances {
    /// The instances of a step.
    Steps(InstanceMap<Value>),
    /// The instances of a module.
    Modules(InstanceMap<ModuleId>),
}
