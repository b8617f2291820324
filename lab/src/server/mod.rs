//! From sockets to services and back.

mod body;
mod connection;
mod listen;
mod respond;
mod service;
mod socket;

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::fault::Faults;
use crate::log::Log;

pub use listen::ListenError;
pub(crate) use listen::Listeners;
pub(crate) use service::Services;

/// Which of the two ports a connection came in by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Front {
    Himds,
    Azure,
}

/// What every connection shares.
pub(crate) struct Server {
    pub services: Services,
    pub faults: Arc<Faults>,
    pub log: Arc<Log>,
    pub latency: Duration,
    /// Of the Azure port.
    pub scheme: &'static str,
}

/// Accepts on every listener, in tasks of `tasks`.
pub(crate) fn serve(
    tasks: &mut JoinSet<()>,
    listeners: Listeners,
    tls: Option<&TlsAcceptor>,
    server: &Arc<Server>,
    front: Front,
) {
    for listener in listeners.into_each() {
        let door = connection::Door { tls: tls.cloned(), server: Arc::clone(server), front };
        tasks.spawn(door.accept(listener));
    }
}
