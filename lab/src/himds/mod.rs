//! The Arc agent's endpoint: instance metadata, and tokens for the machine's identity.

mod agent;
mod identity;
mod instance;
mod keys;

pub(crate) use agent::{Agent, error};
pub(crate) use instance::compute;
pub(crate) use keys::KeyStore;
pub use keys::KeyStoreError;
