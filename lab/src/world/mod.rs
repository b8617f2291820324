//! The world that a lab serves: one tenant, one subscription and its resources.

mod build;
mod error;
mod file;
mod machine;
mod model;
mod read;
mod resource;
mod secret_text;

#[cfg(test)]
mod tests;

pub use error::WorldError;
pub(crate) use file::{Os, SecretPermission};
pub(crate) use machine::{Machine, derived_id};
pub use model::World;
pub(crate) use resource::{Account, Kind, Policy, Resource, ResourceGroup, SeedBlob, SeedSecret, Vault};
pub(crate) use secret_text::SecretText;
