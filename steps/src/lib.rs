//! The step types of arcbook and the clients they share.
//!
//! A [step type](types) is a struct of arguments that implements [`TypedStep`], and one line in
//! [`registry()`]. It declares its actions as data and performs them through a [`Session`], which performs only
//! declared actions, only to hosts of their audience, with a token of the machine's identity, and retries
//! transient failures.

mod account;
mod agent_help;
mod arc;
mod arm;
mod audit;
mod azcmagent;
mod azure;
mod blob;
mod cloud;
mod collector;
mod declared;
mod directory;
pub mod doctor;
mod entra;
mod environment;
mod file;
mod http;
mod identity;
mod json;
mod keyvault;
mod local;
mod local_check;
mod messages;
mod names;
mod operation;
mod os;
mod outline;
mod page;
mod percent;
pub mod permission;
mod postgres;
pub mod preflight;
mod probe;
mod process;
mod records;
mod registry;
mod resource;
pub mod roles;
mod scope;
mod session;
mod step;
mod subscription;
mod tags;
mod transfer;
pub mod types;
mod undo;
mod words;

pub use account::{Subscription, own_subscription, subscriptions};
pub use arm::{ApiVersion, ResourcePath};
pub use audit::rules as audit_rules;
pub use azure::{Azure, AzureOptions, EMBEDDED_LAB, MACHINE};
pub use cloud::{Cloud, Endpoint, Host, OwnError, Service};
pub use collector::{Collector, Refusal};
pub use directory::{ObjectId, PrincipalType, RoleId};
pub use environment::Environment;
pub use http::{Limits, Policy, Trust};
pub use identity::{AgentAt, Claim, ClaimTime, token_claims};
pub use local_check::missing_here;
pub use names::{Account, BlobName, Container, ResourceName, SecretName, SecretVersion, Vault};
pub use postgres::Connection;
pub use records::{FetchError, RecordContainer};
pub use registry::registry;
pub use scope::Scope;
pub use session::Session;
pub use step::{Done, NoUndo, TypedStep};
pub use subscription::{GroupName, Namespace, SubscriptionId};
pub use transfer::TransferSizes;
pub use undo::{Either, Undo};
