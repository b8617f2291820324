//! Deny assignments, which come before every role.

use uuid::Uuid;

use super::assignment::is_within;
use super::{Permission, Role};

/// Actions that are denied to principals at a scope and below it.
#[derive(Clone, Debug)]
pub(crate) struct Denial {
    pub name: String,
    pub id: Uuid,
    pub scope: String,
    /// The denied actions.
    pub role: Role,
    /// The principals and groups; every principal if there are none.
    pub principals: Vec<Uuid>,
    pub excluded: Vec<Uuid>,
}

impl Denial {
    /// Returns whether it denies `permission` at `scope` to a principal that is one of `holders`, or in them.
    pub(super) fn denies(&self, holders: &[Uuid], permission: Permission<'_>, scope: &str) -> bool {
        let is_named = self.principals.is_empty() || self.principals.iter().any(|id| holders.contains(id));
        is_named
            && !self.excluded.iter().any(|id| holders.contains(id))
            && is_within(scope, &self.scope)
            && self.role.allows(permission)
    }
}
