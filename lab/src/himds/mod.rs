//! The Arc agent's endpoint: instance metadata, and tokens for the machine's identity.

mod agent;
mod connection;
mod identity;
mod instance;
mod keys;
mod saved;

pub(crate) use agent::{Agent, error};
pub(crate) use connection::{AgentState, ConnectedMachine};
pub(crate) use instance::compute;
pub(crate) use keys::KeyStore;
pub use keys::KeyStoreError;
pub(crate) use saved::Saved;
