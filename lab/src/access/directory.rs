//! The tenant's groups and their members.

use indexmap::IndexMap;
use uuid::Uuid;

use super::assignment::Effective;

/// A security group of the tenant.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    /// The label of its block in the world file.
    pub name: String,
    pub id: Uuid,
    pub members: IndexMap<Uuid, Membership>,
    /// The principals that may change the members without a permission of Microsoft Graph.
    pub owners: Vec<Uuid>,
}

/// The membership of one principal, or of another group.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Membership {
    pub effective: Effective,
}

/// Every group of a tenant.
#[derive(Clone, Debug, Default)]
pub(crate) struct Directory(Vec<Group>);

impl Directory {
    pub(crate) fn new(groups: Vec<Group>) -> Self {
        Self(groups)
    }

    pub(crate) fn group(&self, id: Uuid) -> Option<&Group> {
        self.0.iter().find(|group| group.id == id)
    }

    pub(super) fn groups(&self) -> impl Iterator<Item = &Group> {
        self.0.iter()
    }

    pub(crate) fn group_mut(&mut self, id: Uuid) -> Option<&mut Group> {
        self.0.iter_mut().find(|group| group.id == id)
    }

    /// Removes a principal from every group.
    pub(super) fn forget(&mut self, principal: Uuid) {
        for group in &mut self.0 {
            group.members.shift_remove(&principal);
            group.owners.retain(|owner| *owner != principal);
        }
    }

    /// Returns `principal` and every group that it is in, groups of groups included. Each membership that a decision
    /// does not see yet counts that decision.
    pub(super) fn holders(&mut self, principal: Uuid) -> Vec<Uuid> {
        let mut holders = vec![principal];
        let mut at = 0;
        while let Some(&member) = holders.get(at) {
            for group in &mut self.0 {
                let is_new = !holders.contains(&group.id);
                if let Some(membership) = group.members.get_mut(&member).filter(|_| is_new)
                    && membership.effective.check()
                {
                    holders.push(group.id);
                }
            }
            at += 1;
        }
        holders
    }
}
