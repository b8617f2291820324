//! A running lab.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use tokio::task::JoinSet;

use crate::arm::{Arm, Operation, Store};
use crate::blob::Blobs;
use crate::context::Context;
use crate::endpoints::{Azure, Himds};
use crate::fault::{Fault, Faults};
use crate::himds::{Agent, KeyStore, KeyStoreError};
use crate::keyvault::Vaults;
use crate::log::{Log, Request};
use crate::login::Login;
use crate::options::Options;
use crate::server::{self, ListenError, Listeners, Port, Server, Services};
use crate::tls::{Tls, TlsError};
use crate::token::KeyError;
use crate::world::World;

/// The reasons why a lab cannot start.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// A port is in use or forbidden; choose another, or 0.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The token directory is unusable; choose another or none.
    #[error(transparent)]
    TokenDir(#[from] KeyStoreError),
    /// The certificate for `https` could not be created.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The key that signs tokens could not be created.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// A local Azure that serves until it is shut down or dropped.
///
/// Its tasks run on the runtime that started it; it has no thread of its own.
pub struct Lab {
    himds: Himds,
    azure: Azure,
    ca_pem: Option<String>,
    keys: Arc<KeyStore>,
    log: Arc<Log>,
    faults: Arc<Faults>,
    store: Arc<Store>,
    /// The accept loops. Dropping them closes every connection.
    tasks: JoinSet<()>,
}

impl fmt::Debug for Lab {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Lab")
            .field("himds", &self.himds)
            .field("azure", &self.azure)
            .finish_non_exhaustive()
    }
}

impl Lab {
    /// Binds both ports and serves `world` on them, on the current tokio runtime, which needs I/O and time
    /// enabled.
    #[expect(clippy::unused_async, reason = "it needs a runtime, which a caller of an async function has")]
    pub async fn start(world: World, options: Options) -> Result<Self, LabError> {
        let himds_listeners = Listeners::bind(options.himds_port)?;
        let azure_listeners = Listeners::bind(options.azure_port)?;
        let tls = options.https.then(|| Tls::new(&world)).transpose()?;
        let azure = Azure::new(if options.https { "https" } else { "http" }, azure_listeners.port());
        let himds = Himds::new(himds_listeners.port());
        let keys = Arc::new(KeyStore::new(options.token_dir)?);
        let faults = Arc::new(Faults::new([world.faults.clone(), options.faults].concat()));
        let store = Arc::new(Store::new(&world));
        let context = Arc::new(Context::new(world, azure.clone())?);
        let log = Arc::new(Log::new(options.observer));
        let services = Services {
            agent: Agent::new(&context, &keys, &faults),
            arm: Arm::new(&context, &store, &faults),
            vaults: Vaults::new(&context),
            blobs: Blobs::new(&context),
            login: Login::new(&context),
        };
        let server = Arc::new(Server {
            services,
            faults: Arc::clone(&faults),
            log: Arc::clone(&log),
            latency: options.latency,
            scheme: azure.scheme,
        });
        let (acceptor, ca_pem) = tls.map(|tls| (tls.acceptor, tls.ca_pem)).unzip();
        let mut tasks = JoinSet::new();
        server::serve(&mut tasks, himds_listeners, None, &server, Port::Himds);
        server::serve(&mut tasks, azure_listeners, acceptor.as_ref(), &server, Port::Azure);
        Ok(Self { himds, azure, ca_pem, keys, log, faults, store, tasks })
    }

    /// Returns the agent's endpoints.
    #[must_use]
    pub fn himds(&self) -> &Himds {
        &self.himds
    }

    /// Returns the endpoints of ARM, Key Vault and Blob.
    #[must_use]
    pub fn azure(&self) -> &Azure {
        &self.azure
    }

    /// Returns the certificate that clients must trust, as PEM; `None` without `https`.
    #[must_use]
    pub fn ca_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }

    /// Returns the directory of the challenge's key files, as the challenges name it.
    #[must_use]
    pub fn token_dir(&self) -> &Path {
        self.keys.dir()
    }

    /// Returns every request so far, in order of arrival.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.log.requests()
    }

    /// Returns every long-running operation so far, in the order of their starts.
    #[must_use]
    pub fn operations(&self) -> Vec<Operation> {
        self.store.operations()
    }

    /// Returns the members of an ARM resource as clients wrote them, write-only ones included; `None` if there
    /// is no resource with this id.
    #[must_use]
    pub fn written(&self, id: &str) -> Option<serde_json::Value> {
        self.store.written(id)
    }

    /// Injects a fault into the requests from now on.
    pub fn inject(&self, fault: Fault) {
        self.faults.inject(fault);
    }

    /// Closes every connection and frees both ports; dropping the lab does the same a little later.
    pub async fn shutdown(mut self) {
        self.tasks.shutdown().await;
    }
}
