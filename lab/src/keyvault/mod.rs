//! Key Vault's data side: secrets, behind a challenge.

mod answer;
mod authorize;
mod bundle;
mod secrets;
mod service;
mod store;
mod visit;

pub(crate) use answer::error;
pub(crate) use service::Vaults;

use visit::Visit;
