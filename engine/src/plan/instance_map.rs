//! What is known of the instances of one block.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::graph::Instance;
use crate::value::{Origins, Type, Value};

/// What is known of the instances of one block: for each a `T`, when it is known.
#[derive(Clone, Debug)]
pub enum InstanceMap<T> {
    /// How many there are is not known yet; nor, before it was asked for, after what.
    Open(Option<Later>),
    /// There is one.
    Only(Option<T>),
    /// They are counted.
    Count(Vec<Option<T>>),
    /// They have keys, with the values of `each.value`.
    Each(BTreeMap<Arc<str>, (Value, Option<T>)>),
}

/// When the number of instances will be known.
#[derive(Clone, Debug)]
pub struct Later {
    /// After what.
    pub origins: Origins,
    /// The type of `each.value`.
    pub value: Type,
    /// Whether they are counted, and have no keys.
    pub counted: bool,
}

impl<T> InstanceMap<T> {
    /// When the number of instances will be known, when it is not yet.
    pub fn later(&self) -> Option<&Later> {
        match self {
            Self::Open(later) => later.as_ref(),
            _ => None,
        }
    }

    /// What is known of an instance, when there is one.
    pub fn get(&self, instance: &Instance) -> Option<&Option<T>> {
        match (self, instance) {
            (Self::Only(value), Instance::Only) => Some(value),
            (Self::Count(values), Instance::Index(index)) => values.get(*index),
            (Self::Each(values), Instance::Key(key)) => values.get(key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// Says what an instance is; an instance that there is not is left alone.
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

    /// Whether what `each.value` is in some instance is not all known.
    pub fn has_unknown_values(&self) -> bool {
        match self {
            Self::Each(values) => values.values().any(|(value, _)| !value.is_wholly_known()),
            _ => false,
        }
    }

    /// Takes over what `each.value` is in each of the same instances.
    pub fn refresh(&mut self, newer: Self) {
        let (Self::Each(values), Self::Each(newer)) = (self, newer) else { return };
        for (key, (value, _)) in newer {
            if let Some((older, _)) = values.get_mut(&key) {
                *older = value;
            }
        }
    }

    /// What `each.value` is in an instance.
    pub fn each_value(&self, instance: &Instance) -> Option<&Value> {
        match (self, instance) {
            (Self::Each(values), Instance::Key(key)) => values.get(key).map(|(value, _)| value),
            _ => None,
        }
    }

    /// The instances, in order; none when their number is not known.
    pub fn instances(&self) -> Vec<Instance> {
        match self {
            Self::Open(_) => Vec::new(),
            Self::Only(_) => vec![Instance::Only],
            Self::Count(values) => (0..values.len()).map(Instance::Index).collect(),
            Self::Each(values) => values.keys().cloned().map(Instance::Key).collect(),
        }
    }
}
