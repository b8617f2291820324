//! The machine's identity: locates the agent and requests tokens.
//!
//! An Arc-enabled machine authenticates a caller by file access: the agent responds to a token request with
//! the name of a key file, and only root and the agent's group can read that file and send its content back.

mod agent;
mod cache;
mod challenge;
mod claim;
mod claims;
mod exchange;
mod expiry;
mod key;
mod kind;
mod managed;
mod platform;
mod token;

pub(crate) use agent::Agent;
pub use agent::AgentAt;
pub use claim::{Claim, ClaimTime};
pub(crate) use claims::claims;
pub(crate) use kind::ManagedKind;
pub(crate) use managed::Managed;
pub(crate) use platform::Platform;
pub use token::token_claims;
