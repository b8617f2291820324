//! The Arc agent's endpoint: what the machine is, and tokens for its identity.

mod agent;
mod identity;
mod instance;
mod keys;

pub(crate) use agent::{Agent, error};
pub(crate) use keys::KeyStore;
pub use keys::KeyStoreError;
