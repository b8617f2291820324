//! The HTTP server: sockets, connections and routing to services.

mod body;
mod connection;
mod listen;
mod respond;
mod serve;
mod service;
mod socket;

pub use listen::ListenError;
pub(crate) use listen::Listeners;
pub(crate) use serve::{Port, Server, serve};
pub(crate) use service::Services;
