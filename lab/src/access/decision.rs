//! The decision whether a caller may do something, from role assignments and groups as they are now.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use super::assignment::{Assignment, Effective, Propagation, is_within};
use super::denial::Denial;
use super::directory::Directory;
use super::role::Role;

/// An operation that a caller needs permission for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Permission<'a> {
    /// A control-plane action: `Microsoft.KeyVault/vaults/read`.
    Action(&'a str),
    /// A data-plane action: `Microsoft.KeyVault/vaults/secrets/getSecret/action`.
    DataAction(&'a str),
}

/// Role assignments and groups while the lab runs.
pub(crate) struct Access {
    propagation: Propagation,
    denials: Vec<Denial>,
    held: Mutex<Held>,
}

/// Role assignments and groups.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub assignments: Vec<Assignment>,
    pub directory: Directory,
}

impl Access {
    pub(crate) fn new(assignments: Vec<Assignment>, directory: Directory, propagation: Propagation) -> Self {
        Self { propagation, denials: Vec::new(), held: Mutex::new(Held { assignments, directory }) }
    }

    /// Returns the same access with deny assignments.
    pub(crate) fn denying(self, denials: Vec<Denial>) -> Self {
        Self { denials, ..self }
    }

    /// Returns the deny assignments.
    pub(crate) fn denials(&self) -> &[Denial] {
        &self.denials
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the delay of a change of access that is made now.
    pub(crate) fn delay(&self) -> Effective {
        Effective::after(self.propagation)
    }

    /// Removes everything that a principal holds, because it exists no more.
    pub(crate) fn forget(&self, principal: Uuid) {
        let Held { assignments, directory } = &mut *self.lock();
        assignments.retain(|held| held.principal != principal);
        directory.forget(principal);
    }

    /// Returns whether `principal` or a group of it holds any role.
    pub(crate) fn has_role(&self, principal: Uuid) -> bool {
        let Held { assignments, directory } = &mut *self.lock();
        let holders = directory.holders(principal);
        assignments.iter().any(|held| holders.contains(&held.principal))
    }

    /// Returns whether a role that `principal` or a group of it holds at `scope` or above grants `permission`, and nothing
    /// denies it.
    pub(crate) fn allows(&self, principal: Uuid, permission: Permission<'_>, scope: &str) -> bool {
        let Held { assignments, directory } = &mut *self.lock();
        let holders = directory.holders(principal);
        if self.denials.iter().any(|denial| denial.denies(&holders, permission, scope)) {
            return false;
        }
        let mut held = assignments.iter_mut().filter(|held| {
            holders.contains(&held.principal) && is_within(scope, &held.scope) && held.role.allows(permission)
        });
        held.any(|held| held.effective.check())
    }

    /// Returns the roles that `principal` or a group of it holds at `scope` or above, as far as they are in effect.
    pub(crate) fn roles(&self, principal: Uuid, scope: &str) -> Vec<Arc<Role>> {
        let Held { assignments, directory } = &mut *self.lock();
        let holders = directory.holders(principal);
        let held = assignments
            .iter_mut()
            .filter(|held| holders.contains(&held.principal) && is_within(scope, &held.scope));
        held.filter_map(|held| held.effective.check().then(|| Arc::clone(&held.role))).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use indexmap::IndexMap;

    use super::super::{Group, Membership, Roles};
    use super::*;

    const READ: Permission<'_> = Permission::Action("A.B/c/read");
    const NONE: Propagation = Propagation { checks: 0, time: Duration::ZERO };

    fn reader(principal: Uuid, scope: &str) -> Assignment {
        Assignment::new(Roles::new(Vec::new()).named("reader").unwrap(), principal, scope)
    }

    #[test]
    fn a_role_applies_at_its_scope_and_below() {
        let principal = Uuid::from_u128(1);
        let assigned = reader(principal, "/subscriptions/S/resourceGroups/rg");
        let held = Access::new(vec![assigned], Directory::default(), NONE);
        assert!(held.allows(principal, READ, "/subscriptions/s/resourcegroups/RG/providers/A.B/c/x"));
        assert!(!held.allows(principal, READ, "/subscriptions/s/resourceGroups/rg2/providers/A.B/c/x"));
        assert!(!held.allows(principal, READ, "/subscriptions/s"));
        assert!(!held.allows(Uuid::from_u128(2), READ, "/subscriptions/s/resourceGroups/rg"));
        let data = Permission::DataAction("Microsoft.KeyVault/vaults/secrets/getSecret/action");
        assert!(!held.allows(principal, data, "/subscriptions/s/resourceGroups/rg"), "readers see no data");
        let roles =
            |scope| held.roles(principal, scope).iter().map(|role| role.name.clone()).collect::<Vec<_>>();
        assert_eq!(roles("/subscriptions/s/resourceGroups/RG/providers/A.B/c/x"), ["Reader"]);
        assert!(roles("/subscriptions/s").is_empty());
    }

    #[test]
    fn a_member_holds_the_roles_of_its_groups_and_of_theirs() {
        let [principal, inner, outer] = [1, 2, 3].map(Uuid::from_u128);
        let group = |id, member| {
            let members = IndexMap::from([(member, Membership { effective: Effective::NOW })]);
            Group { name: String::new(), id, members, owners: Vec::new() }
        };
        let directory = Directory::new(vec![group(inner, principal), group(outer, inner)]);
        let held = Access::new(vec![reader(outer, "/subscriptions/s")], directory, NONE);
        assert!(held.allows(principal, READ, "/subscriptions/s"));
        assert!(!held.allows(Uuid::from_u128(4), READ, "/subscriptions/s"));
    }

    #[test]
    fn a_new_assignment_takes_effect_after_some_decisions() {
        let principal = Uuid::from_u128(1);
        let propagation = Propagation { checks: 2, time: Duration::ZERO };
        let held = Access::new(Vec::new(), Directory::default(), propagation);
        let effective = held.delay();
        held.lock().assignments.push(Assignment { effective, ..reader(principal, "/subscriptions/s") });
        let decisions = [(); 3].map(|()| held.allows(principal, READ, "/subscriptions/s"));
        assert_eq!(decisions, [false, false, true]);
    }

    #[test]
    fn a_deny_assignment_comes_before_roles() {
        let [principal, other] = [1, 2].map(Uuid::from_u128);
        let scope = "/subscriptions/s/resourceGroups/rg";
        let denial = |principals: Vec<Uuid>, excluded: Vec<Uuid>| Denial {
            name: "no".to_owned(),
            id: Uuid::nil(),
            scope: scope.to_owned(),
            role: Role { actions: vec!["A.B/*".to_owned()], ..Role::default() },
            principals,
            excluded,
        };
        for (denial, allowed) in [
            (denial(Vec::new(), Vec::new()), false),
            (denial(vec![principal], Vec::new()), false),
            (denial(vec![other], Vec::new()), true),
            (denial(Vec::new(), vec![principal]), true),
        ] {
            let held = vec![reader(principal, "/subscriptions/s")];
            let access = Access::new(held, Directory::default(), NONE).denying(vec![denial]);
            assert_eq!(access.allows(principal, READ, &format!("{scope}/providers/A.B/c/x")), allowed);
            assert!(access.allows(principal, READ, "/subscriptions/s"), "it is denied only there");
        }
    }
}
