//! Policies, which deny resources of a type or a name.

use super::Arm;
use super::denial;
use super::target::Target;
use crate::access::matches;
use crate::exchange::Refused;
use crate::world::PolicyDenial;

impl Arm {
    /// Returns the name of a policy that denies a resource.
    pub(super) fn denying_policy(&self, target: &Target<'_>) -> Option<&str> {
        let denying = self.context.world.policies.iter().find(|policy| policy.denies(target));
        denying.map(|policy| policy.name.as_str())
    }

    /// Refuses to create or to update a resource that a policy denies.
    pub(super) fn is_allowed_by_policy(&self, target: &Target<'_>) -> Result<(), Refused> {
        match self.denying_policy(target) {
            Some(policy) => Err(denial::by_policy(&target.id, policy)),
            None => Ok(()),
        }
    }
}

impl PolicyDenial {
    fn denies(&self, target: &Target<'_>) -> bool {
        let own = target.id.rsplit('/').next().unwrap_or_default();
        self.resource_type.as_ref().is_none_or(|denied| denied.eq_ignore_ascii_case(&target.declared.name))
            && self.pattern.as_ref().is_none_or(|pattern| matches(pattern, own))
    }
}
