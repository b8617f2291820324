//! The world that a lab serves: one tenant, one subscription and its resources.

mod access_file;
mod build;
mod certificate;
mod error;
mod file;
mod grants;
mod groups;
mod machine;
mod mistakes;
mod model;
mod os;
mod principal;
mod principal_file;
mod principals;
mod read;
mod resource;
mod resource_type;
mod restriction;
mod run_command;
mod secret_text;
mod seed;
mod throttle;
mod type_file;

#[cfg(test)]
mod tests;

pub(crate) use access_file::GraphPermission;
pub use error::WorldError;
pub(crate) use file::SecretPermission;
pub(crate) use machine::{Machine, derived_id};
pub use model::World;
pub(crate) use os::Os;
pub(crate) use principal::{Certificate, FederatedCredential, Principal, PrincipalKind};
pub(crate) use principal_file::ConditionalAccess;
pub(crate) use resource::{
    Account, DEPLOYMENT_TYPE, GROUP_TYPE, Kind, Policy, Resource, SeedBlob, SeedCertificate, SeedContainer,
    SeedSecret, Vault,
};
pub(crate) use resource_type::{Length, OperationRule, ResourceType};
pub(crate) use restriction::{LOCK_TYPE, PolicyDenial};
pub(crate) use run_command::ScriptEnd;
pub(crate) use secret_text::SecretText;
pub(crate) use type_file::{ChangeMethod, OperationFailure, OperationKind};
