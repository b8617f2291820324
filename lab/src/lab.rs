//! A running lab.

use std::path::Path;
use std::sync::Arc;
use std::{fmt, io};

use tokio::task::JoinSet;
use uuid::Uuid;

use crate::arm::{Arm, Operation, Store};
use crate::blob::Blobs;
use crate::clock;
use crate::context::Context;
use crate::endpoints::{Azure, Himds, Imds};
use crate::fault::{Fault, Faults};
use crate::federation::{self, FederatedToken, Presented, TokenFiles};
use crate::graph::Graph;
use crate::himds::{Agent, KeyStore, KeyStoreError};
use crate::imds;
use crate::jwt::KeyError;
use crate::keyvault::Vaults;
use crate::log::{Log, Request};
use crate::login::Login;
use crate::options::Options;
use crate::server::{self, ListenError, Listeners, Port, Server, Services};
use crate::state::{Document, Keeper, Parts, StateError};
use crate::throttle::Throttles;
use crate::tls::{Tls, TlsError};
use crate::token::{Proof, Subject, Validity};
use crate::world::{Principal, PrincipalKind, World};

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
    /// A key that signs tokens could not be created.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The state of an earlier run cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
    /// A federated token could not be written to its file.
    #[error("a federated token cannot be written to the directory for temporary files: {0}")]
    FederatedToken(io::Error),
}

/// A principal of a lab's world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrincipalIds {
    /// The label of its block in the world file.
    pub name: String,
    /// Application id.
    pub client_id: Uuid,
    /// Object id, which grants are for.
    pub object_id: Uuid,
    /// True for a service principal, which signs in with credentials of its own; false for a managed identity.
    pub is_application: bool,
}

/// A local Azure that serves until it is shut down or dropped.
///
/// Its tasks run on the runtime that started it; it has no thread of its own.
pub struct Lab {
    himds: Himds,
    imds: Option<Imds>,
    azure: Azure,
    context: Arc<Context>,
    federated: TokenFiles,
    ca_pem: Option<String>,
    keys: Arc<KeyStore>,
    log: Arc<Log>,
    faults: Arc<Faults>,
    store: Arc<Store>,
    server: Arc<Server>,
    /// The accept loops. Dropping them closes every connection.
    tasks: JoinSet<()>,
}

impl fmt::Debug for Lab {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Lab")
            .field("himds", &self.himds)
            .field("imds", &self.imds)
            .field("azure", &self.azure)
            .finish_non_exhaustive()
    }
}

impl Lab {
    /// Binds the ports and serves `world` on them, on the current tokio runtime, which needs I/O and time
    /// enabled.
    #[expect(clippy::unused_async, reason = "it needs a runtime, which a caller of an async function has")]
    pub async fn start(world: World, options: Options) -> Result<Self, LabError> {
        let himds_listeners = Listeners::bind(options.himds_port)?;
        let imds_listeners =
            world.virtual_machine.is_some().then(|| Listeners::bind(options.imds_port)).transpose()?;
        let azure_listeners = Listeners::bind(options.azure_port)?;
        let tls = options.https.then(|| Tls::new(&world)).transpose()?;
        let azure = Azure::new(if options.https { "https" } else { "http" }, azure_listeners.port());
        let himds = Himds::new(himds_listeners.port());
        let imds = imds_listeners.as_ref().map(|listeners| Imds::new(listeners.port()));
        let keys = Arc::new(KeyStore::new(options.token_dir)?);
        let faults = Arc::new(Faults::new([world.faults.clone(), options.faults].concat()));
        let throttles = Throttles::new(world.throttles.clone());
        let store = Arc::new(Store::new(&world));
        let context = Arc::new(Context::new(world, azure.clone())?);
        let log = Arc::new(Log::new(options.observer));
        let federated = TokenFiles::write(&context).map_err(LabError::FederatedToken)?;
        let services = Services {
            context: Arc::clone(&context),
            agent: Agent::new(&context, &keys, &faults),
            imds: imds::Imds::new(&context, &faults),
            arm: Arm::new(&context, &store, &faults),
            vaults: Vaults::new(&context, &store),
            blobs: Blobs::new(&context),
            login: Login::new(&context, &faults),
            graph: Graph::new(&context, &store),
            log: Arc::clone(&log),
        };
        let keeper = options.state.map(Keeper::new);
        if let Some(keeper) = &keeper {
            restore(keeper, &services, &store)?;
        }
        let server = Arc::new(Server {
            services,
            faults: Arc::clone(&faults),
            throttles,
            keeper,
            log: Arc::clone(&log),
            latency: options.latency,
            scheme: azure.scheme,
        });
        let (acceptor, ca_pem) = tls.map(|tls| (tls.acceptor, tls.ca_pem)).unzip();
        let mut tasks = JoinSet::new();
        server::serve(&mut tasks, himds_listeners, None, &server, Port::Himds);
        if let Some(listeners) = imds_listeners {
            server::serve(&mut tasks, listeners, None, &server, Port::Imds);
        }
        server::serve(&mut tasks, azure_listeners, acceptor.as_ref(), &server, Port::Azure);
        tasks.spawn(keep(Arc::clone(&server), Arc::clone(&store)));
        Ok(Self { himds, imds, azure, context, federated, ca_pem, keys, log, faults, store, server, tasks })
    }

    /// Returns the agent's endpoints. In a world without a `machine`, they answer with 404.
    #[must_use]
    pub fn himds(&self) -> &Himds {
        &self.himds
    }

    /// Returns the metadata service of the virtual machine; `None` if the world has none.
    #[must_use]
    pub fn imds(&self) -> Option<&Imds> {
        self.imds.as_ref()
    }

    /// Returns true if the world has a machine that is not connected to Azure now.
    #[must_use]
    pub fn awaits_connection(&self) -> bool {
        self.context.world.machine.is_some() && self.context.agent.connected().is_none()
    }

    /// Returns the world's tenant.
    #[must_use]
    pub fn tenant_id(&self) -> Uuid {
        self.context.world.tenant_id
    }

    /// Returns every principal of the world, and the machine's own if the machine was connected since the start.
    pub fn principals(&self) -> impl Iterator<Item = PrincipalIds> + '_ {
        let declared = self.context.world.principals.iter().cloned();
        declared.chain(self.connected_since()).map(|principal| PrincipalIds {
            client_id: principal.client_id,
            object_id: principal.object_id,
            is_application: matches!(principal.kind, PrincipalKind::Application),
            name: principal.name,
        })
    }

    /// Returns the identity of the machine, if it was connected since the start.
    fn connected_since(&self) -> Option<Principal> {
        let own = self.context.agent.connected()?.principal.clone();
        self.context.world.principal(own.object_id).is_none().then_some(own)
    }

    /// Returns the files with a token for each federated credential of the world.
    #[must_use]
    pub fn federated_tokens(&self) -> &[FederatedToken] {
        &self.federated.each
    }

    /// Returns a token of a principal for an hour, as if it had signed in; `None` if the world has no such
    /// principal, or no service has this audience.
    #[must_use]
    pub fn token(&self, principal: &str, audience: &str) -> Option<String> {
        let Context { world, audiences, issuer, .. } = self.context.as_ref();
        let mut all = world.principals.iter().cloned().chain(self.connected_since());
        let known = all.find(|known| known.name == principal);
        let known = known.filter(|_| audiences.is_known(audience))?;
        let valid = Validity::lasting(clock::seconds(), 3_600);
        issuer.issue(Subject::of(&known, Proof::Certificate), audience, valid).ok()
    }

    /// Returns the principal and the audience of a token, for a service that this lab does not serve, such as a database;
    /// `None` unless this lab issued the token and it is valid now.
    #[must_use]
    pub fn verified(&self, token: &str) -> Option<(Uuid, String)> {
        let claims = self.context.issuer.verify(token, clock::seconds()).ok()?;
        Some((claims.oid, claims.aud))
    }

    /// Returns a token of an issuer outside of the tenant, which expires so many seconds from now. Every issuer
    /// of the world has the same key, so it is valid wherever its three claims are accepted.
    pub fn federated_token(
        &self,
        issuer: &str,
        subject: &str,
        audience: &str,
        expires_in: i64,
    ) -> Result<String, KeyError> {
        federation::token(&self.context.outside, Presented { issuer, subject, audience }, expires_in)
    }

    /// Returns the endpoints of ARM, Key Vault, Blob and Entra.
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

    /// Removes every fault that still applies to requests, those of the options and of the world file too.
    pub fn clear_faults(&self) {
        self.faults.clear();
    }

    /// Closes every connection and frees both ports; dropping the lab does the same a little later.
    pub async fn shutdown(mut self) {
        self.tasks.shutdown().await;
    }

    /// Writes the state to its file, if it has one. It is also written after each change, without a report of failures.
    pub fn save(&self) -> Result<(), StateError> {
        match &self.server.keeper {
            Some(keeper) => keeper.write(&parts(&self.server.services, &self.store)),
            None => Ok(()),
        }
    }
}

fn parts<'a>(services: &'a Services, store: &'a Store) -> Parts<'a> {
    Parts { context: &services.context, arm: store, vaults: &services.vaults, blobs: &services.blobs }
}

/// Puts the state of the file into the stores, if there is one; writes the file otherwise, to learn at once whether
/// that works.
fn restore(keeper: &Keeper, services: &Services, store: &Store) -> Result<(), StateError> {
    let parts = parts(services, store);
    match Document::read(keeper.path())? {
        Some(document) => document.restore(&parts, keeper.path()),
        None => keeper.write(&parts),
    }
}

/// Writes the state after each change. A failure is reported by [`Lab::save`].
async fn keep(server: Arc<Server>, store: Arc<Store>) {
    let Some(keeper) = &server.keeper else { return };
    loop {
        keeper.changed().await;
        let _ = keeper.write(&parts(&server.services, &store));
    }
}
