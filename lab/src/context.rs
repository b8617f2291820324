//! State that all services of a lab share.

use crate::audience::Audiences;
use crate::endpoints::Azure;
use crate::token::{Issuer, KeyError};
use crate::world::World;

/// A world, the endpoints that serve it, and the key that signs its tokens.
pub(crate) struct Context {
    pub world: World,
    pub azure: Azure,
    pub audiences: Audiences,
    pub issuer: Issuer,
}

impl Context {
    pub(crate) fn new(world: World, azure: Azure) -> Result<Self, KeyError> {
        let issuer = Issuer::new(world.tenant_id)?;
        let audiences = Audiences::new(&azure, world.storage_accounts(), &world.audiences);
        Ok(Self { world, azure, audiences, issuer })
    }
}
