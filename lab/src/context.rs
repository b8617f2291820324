//! State that all services of a lab share.

use uuid::Uuid;

use crate::access::Access;
use crate::audience::Audiences;
use crate::endpoints::Azure;
use crate::himds::AgentState;
use crate::jwt::{KeyError, SigningKey};
use crate::policies::Policies;
use crate::token::Issuer;
use crate::world::World;

/// A world, the endpoints that serve it, and the keys that sign its tokens.
pub(crate) struct Context {
    pub world: World,
    pub access: Access,
    pub agent: AgentState,
    pub azure: Azure,
    pub audiences: Audiences,
    pub policies: Policies,
    pub issuer: Issuer,
    /// The key of every issuer outside of the tenant that an application trusts.
    pub outside: SigningKey,
}

impl Context {
    pub(crate) fn new(world: World, azure: Azure) -> Result<Self, KeyError> {
        let issuer = Issuer::new(world.tenant_id)?;
        let audiences = Audiences::new(&azure, world.storage_accounts(), &world.audiences);
        let access = Access::new(world.assignments.clone(), world.directory.clone(), world.propagation)
            .denying(world.denials.clone());
        let policies = Policies::new(&world);
        let agent = AgentState::new(&world);
        Ok(Self { world, access, agent, azure, audiences, policies, issuer, outside: SigningKey::new()? })
    }

    /// Returns the name of the principal with this object id.
    pub(crate) fn name_of(&self, object_id: Uuid) -> Option<String> {
        let declared = self.world.principal(object_id).map(|principal| principal.name.clone());
        let connected = || self.agent.connected().filter(|own| own.principal.object_id == object_id);
        declared.or_else(|| connected().map(|own| own.principal.name.clone()))
    }
}
