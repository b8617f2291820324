//! A local Azure on loopback, to run and test runbooks: the Arc agent's HIMDS, a VM's IMDS, Entra, ARM, Key Vault
//! and Blob.
//!
//! Its wire format is close enough to Azure's for Microsoft's own clients and plain `curl`, and it enforces the
//! same rules: single-use key files, signed tokens for one audience, roles and access policies, paging, error
//! envelopes. It shares no code with the clients that it tests.
//!
//! ```no_run
//! # async fn demo() -> Result<(), Box<dyn std::error::Error>> {
//! use arcbook_lab::{Lab, Options, World};
//!
//! let world = World::load("jumpstart.lab.hcl")?;
//! let lab = Lab::start(world, Options::default()).await?;
//! let arm = &lab.azure().arm; // `http://management.localhost:PORT`
//! # let _ = arm;
//! lab.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! A [`World`] holds the initial resources, read from an HCL file; [`Options`] set ports, transport and faults;
//! a [`Fault`] makes requests fail; [`Lab::requests`] returns the request log, [`Lab::operations`] the
//! long-running operations.

mod access;
mod arm;
mod audience;
mod azcmagent;
mod blob;
mod clock;
mod content;
mod context;
mod endpoints;
mod entra;
mod exchange;
mod fault;
mod federation;
mod graph;
mod himds;
mod hosts;
mod imds;
mod jwt;
mod keyvault;
mod lab;
mod log;
mod login;
mod managed;
mod names;
mod options;
mod paging;
mod policies;
mod query;
mod script;
mod server;
mod state;
mod template;
mod throttle;
mod tls;
mod token;
mod world;

pub use arm::{Operation, OperationStatus};
pub use azcmagent::{Ended, azcmagent};
pub use endpoints::{Azure, Himds, Imds};
pub use fault::{Denial, Fault, FaultError, FaultKind, OperationFault, RetryAfter, Times};
pub use federation::FederatedToken;
pub use himds::KeyStoreError;
pub use jwt::KeyError;
pub use lab::{Lab, LabError, PrincipalIds};
pub use log::{OperationStep, Request, Service};
pub use options::{Observer, Options};
pub use server::ListenError;
pub use state::StateError;
pub use tls::TlsError;
pub use world::{World, WorldError};
