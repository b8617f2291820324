//! A local Azure on loopback: the Arc agent's HIMDS, ARM, Key Vault and Blob, to run and test runbooks against.
//!
//! It keeps to the wire closely enough that Microsoft's own clients and plain `curl` work against it, and it holds what
//! Azure holds callers to: single-use key files, signed tokens for one audience, roles and access policies, paging,
//! error envelopes. It shares no code with the clients it tests.
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
//! A [`World`] is what exists, read from an HCL file; [`Options`] say how it is served; a [`Fault`] makes a service fail
//! on purpose; [`Lab::requests`] tells what was asked.

mod access;
mod arm;
mod audience;
mod blob;
mod clock;
mod context;
mod endpoints;
mod exchange;
mod fault;
mod himds;
mod hosts;
mod keyvault;
mod lab;
mod log;
mod login;
mod names;
mod options;
mod paging;
mod server;
mod tls;
mod token;
mod world;

pub use endpoints::{Azure, Himds};
pub use fault::{Fault, FaultError, FaultKind, RetryAfter, Times};
pub use himds::KeyStoreError;
pub use lab::{Lab, LabError};
pub use log::{Request, Service};
pub use options::{Observer, Options};
pub use server::ListenError;
pub use tls::TlsError;
pub use token::KeyError;
pub use world::{World, WorldError};
