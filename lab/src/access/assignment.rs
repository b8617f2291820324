//! Role assignments.

use std::sync::Arc;
use std::time::{Duration, Instant};

use time::OffsetDateTime;
use uuid::Uuid;

use super::Role;
use crate::world::derived_id;

/// A role that a principal holds at a scope and below it.
#[derive(Clone, Debug)]
pub(crate) struct Assignment {
    pub name: Uuid,
    pub role: Arc<Role>,
    pub principal: Uuid,
    /// `ServicePrincipal`, `Group` and so on, as the client wrote it.
    pub principal_type: String,
    pub scope: String,
    pub description: Option<String>,
    /// The condition, which the lab lists and takes as fulfilled.
    pub condition: Option<String>,
    pub effective: Effective,
    /// The time of the request that made it; for one of the world, the beginning of time.
    pub created: OffsetDateTime,
}

impl Assignment {
    /// Returns an assignment of a world, which is effective from the start.
    pub(crate) fn new(role: &Arc<Role>, principal: Uuid, scope: &str) -> Self {
        let id = role.id.to_string();
        let name = derived_id(&["role assignment", &id, &principal.to_string(), &scope.to_lowercase()]);
        Self {
            name,
            role: Arc::clone(role),
            principal,
            principal_type: "ServicePrincipal".to_owned(),
            scope: scope.to_owned(),
            description: None,
            condition: None,
            effective: Effective::NOW,
            created: OffsetDateTime::UNIX_EPOCH,
        }
    }
}

/// The delay until a change of access takes effect: both parts must be over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Propagation {
    /// The number of decisions that do not see the change yet.
    pub checks: u32,
    pub time: Duration,
}

/// The rest of the delay of one change.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effective {
    checks: u32,
    after: Option<Instant>,
}

impl Effective {
    pub(crate) const NOW: Self = Self { checks: 0, after: None };

    /// Returns the delay of a change that is made now.
    pub(crate) fn after(propagation: Propagation) -> Self {
        let Propagation { checks, time } = propagation;
        Self { checks, after: (!time.is_zero()).then(|| Instant::now() + time) }
    }

    /// Counts a decision that depends on the change: returns whether it sees it.
    pub(super) fn check(&mut self) -> bool {
        if self.checks > 0 {
            self.checks -= 1;
            return false;
        }
        self.after.is_none_or(|after| Instant::now() >= after)
    }
}

/// Returns whether `id` is `scope` or lies under it. Both are resource ids, compared without case.
pub(crate) fn is_within(id: &str, scope: &str) -> bool {
    let (id, scope) = (id.to_lowercase(), scope.trim_end_matches('/').to_lowercase());
    id.strip_prefix(&scope).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
