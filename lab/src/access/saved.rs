//! The part of access in the state that a lab keeps.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

use super::assignment::{Assignment, Effective};
use super::decision::Access;
use super::directory::Membership;
use super::role::Roles;
use crate::clock;

/// Every role assignment, and the members of every group.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Saved {
    assignments: Vec<SavedAssignment>,
    members: IndexMap<Uuid, Vec<Uuid>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedAssignment {
    name: Uuid,
    role: Uuid,
    principal: Uuid,
    principal_type: String,
    scope: String,
    description: Option<String>,
    #[serde(default)]
    condition: Option<String>,
    #[serde(default = "unknown", with = "clock::saved")]
    created: OffsetDateTime,
}

/// Returns the time of an assignment in a file without it.
fn unknown() -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH
}

impl Access {
    /// Returns the current state, in which every change has taken effect.
    pub(crate) fn saved(&self) -> Saved {
        let held = self.lock();
        let assignment = |held: &Assignment| SavedAssignment {
            name: held.name,
            role: held.role.id,
            principal: held.principal,
            principal_type: held.principal_type.clone(),
            scope: held.scope.clone(),
            description: held.description.clone(),
            condition: held.condition.clone(),
            created: held.created,
        };
        let groups = held.directory.groups();
        Saved {
            assignments: held.assignments.iter().map(assignment).collect(),
            members: groups.map(|group| (group.id, group.members.keys().copied().collect())).collect(),
        }
    }

    /// Replaces the state of the world by a saved one; assignments of roles that the world no longer has are dropped.
    pub(crate) fn restore(&self, saved: Saved, roles: &Roles) {
        let held = &mut *self.lock();
        let assignment = |saved: SavedAssignment| {
            let role = roles.named(&saved.role.to_string())?;
            let made = Assignment::new(role, saved.principal, &saved.scope);
            let SavedAssignment { name, principal_type, description, condition, created, .. } = saved;
            Some(Assignment { name, principal_type, description, condition, created, ..made })
        };
        held.assignments = saved.assignments.into_iter().filter_map(assignment).collect();
        for (id, members) in saved.members {
            if let Some(group) = held.directory.group_mut(id) {
                let membership = Membership { effective: Effective::NOW };
                group.members = members.into_iter().map(|member| (member, membership)).collect();
            }
        }
    }
}
