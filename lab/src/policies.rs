//! The access policies of the key vaults, which ARM changes and the vaults heed.

use std::sync::{Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use crate::world::{Policy, SecretPermission, World};

/// The policies of each vault of a world, in the same order.
pub(crate) struct Policies(Mutex<Vec<Vec<Policy>>>);

impl Policies {
    pub(crate) fn new(world: &World) -> Self {
        Self(Mutex::new(world.vaults.iter().map(|vault| vault.policies.clone()).collect()))
    }

    /// Returns the policies of the vault at `index`.
    pub(crate) fn of(&self, index: usize) -> Vec<Policy> {
        self.lock().get(index).cloned().unwrap_or_default()
    }

    /// Returns whether a policy of the vault at `index` grants `permission` to `principal`.
    pub(crate) fn grant(&self, index: usize, principal: Uuid, permission: SecretPermission) -> bool {
        self.lock().get(index).into_iter().flatten().any(|policy| {
            let has = |wanted: SecretPermission| policy.secrets.contains(&wanted);
            policy.principal == principal && (has(permission) || has(SecretPermission::All))
        })
    }

    /// Returns whether a policy of the vault at `index` lets `principal` read certificates.
    pub(crate) fn grant_certificates(&self, index: usize, principal: Uuid, permission: &str) -> bool {
        let has = |policy: &Policy| {
            let mut list = policy.certificates.iter().map(|own| own.to_lowercase());
            list.any(|own| own == permission || own == "all")
        };
        self.lock()
            .get(index)
            .into_iter()
            .flatten()
            .any(|policy| policy.principal == principal && has(policy))
    }

    /// Changes the policies of the vault at `index`, and returns them.
    pub(crate) fn change(&self, index: usize, change: impl FnOnce(&mut Vec<Policy>)) -> Vec<Policy> {
        let mut all = self.lock();
        let Some(policies) = all.get_mut(index) else { return Vec::new() };
        change(policies);
        policies.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Vec<Policy>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
