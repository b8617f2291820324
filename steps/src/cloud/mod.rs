//! The services of a cloud, and the token audience of each.

mod audience;
#[expect(clippy::module_inception, reason = "the noun of this folder is its main file")]
mod cloud;
mod discover;
mod service;

pub use cloud::Cloud;
pub(crate) use service::Service;
