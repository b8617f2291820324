//! Keeps a resource of Azure Resource Manager as a step declares it.

mod change;
mod declared_resource;
mod kept;
mod undo;

pub(crate) use declared_resource::DeclaredResource;
pub(crate) use kept::KeptResource;
