//! State that connections share, and the start of the accept loops.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::connection::Acceptor;
use super::{Listeners, Services};
use crate::fault::Faults;
use crate::log::Log;
use crate::state::Keeper;
use crate::throttle::Throttles;

/// The port through which a connection arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Port {
    Himds,
    Imds,
    Azure,
}

/// The state that every connection shares.
pub(crate) struct Server {
    pub services: Services,
    pub faults: Arc<Faults>,
    pub throttles: Throttles,
    pub keeper: Option<Keeper>,
    pub log: Arc<Log>,
    pub latency: Duration,
    /// Scheme of the Azure port.
    pub scheme: &'static str,
}

/// Starts an accept loop for every listener, as tasks of `tasks`.
pub(crate) fn serve(
    tasks: &mut JoinSet<()>,
    listeners: Listeners,
    tls: Option<&TlsAcceptor>,
    server: &Arc<Server>,
    port: Port,
) {
    for listener in listeners.into_each() {
        let acceptor = Acceptor { tls: tls.cloned(), server: Arc::clone(server), port };
        tasks.spawn(acceptor.accept(listener));
    }
}
