//! Defines identities with their arguments.

use std::sync::Arc;

use super::Named;
use crate::step::Identity;
use crate::value::Value;

/// An identity with its evaluated arguments.
#[derive(Clone)]
pub struct EvaluatedIdentity {
    /// The identity; it can get tokens if all arguments are known.
    pub identity: Arc<dyn Identity>,
    /// The arguments, in source order.
    pub arguments: Arc<[(String, Value)]>,
}

impl EvaluatedIdentity {
    /// Returns the arguments as a plan and a record show them.
    #[must_use]
    pub fn shown(&self) -> Named {
        self.arguments.iter().map(|(name, value)| (name.as_str(), value)).collect()
    }
}
