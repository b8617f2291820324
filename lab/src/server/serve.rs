//! What connections share, and where they begin.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::connection::Door;
use super::{Listeners, Services};
use crate::fault::Faults;
use crate::log::Log;

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
        let door = Door { tls: tls.cloned(), server: Arc::clone(server), front };
        tasks.spawn(door.accept(listener));
    }
}
