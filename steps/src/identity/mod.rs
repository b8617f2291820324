//! Identities: who acts, and how tokens are got.
//!
//! A [kind](kinds) of identity is a struct of arguments, which makes the [source](source) of its tokens. An Arc-enabled
//! machine authenticates a caller by file access: the agent responds to a token request with the name of a key file,
//! and only administrators and the agent's group can read that file and send its content back. Applications prove themselves to
//! Microsoft Entra ([`crate::entra`]).

mod agent;
mod azure_cli;
mod cache;
mod challenge;
mod claim;
mod claims;
mod exchange;
mod expiry;
mod given;
mod key;
mod kind;
mod kinds;
mod platform;
mod script;
mod selector;
mod source;
mod token;
mod tools;
mod vm;

pub use agent::AgentAt;
pub(crate) use agent::{Agent, Found};
pub use claim::{Claim, ClaimTime};
pub(crate) use claims::claims;
pub(crate) use kind::{Holder, Kind, KindAdapter};
pub(crate) use kinds::{
    AccessToken, AzureCli, ClientCertificate, ClientSecret, Environment, Issuer, Managed, Workload,
};
pub(crate) use platform::{Platform, is_azure_vm};
pub(crate) use script::AGENT as AGENT_SCRIPT;
pub(crate) use token::read;
pub use token::token_claims;
pub(crate) use tools::Tools;
pub(crate) use vm::base as metadata_service;
