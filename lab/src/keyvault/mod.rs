//! Key Vault's data plane: secrets, behind an authentication challenge.

mod answer;
mod authorize;
mod bundle;
mod certificates;
mod deleted;
mod request;
mod saved;
mod secrets;
mod service;
mod store;

pub(crate) use answer::error;
pub(crate) use saved::Saved;
pub(crate) use service::Vaults;

use request::VaultRequest;
