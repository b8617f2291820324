//! The services of a cloud, and the token audience of each.

mod audience;
mod built_in;
#[expect(clippy::module_inception, reason = "the noun of this folder is its main file")]
mod cloud;
mod discover;
mod host;
mod own;
mod service;

pub use cloud::Cloud;
pub(crate) use host::Authority;
pub use host::Host;
pub use own::OwnError;
pub use service::{Endpoint, Service};
