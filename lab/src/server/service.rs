//! Routing of requests to services, and errors for requests that reach none.

use std::sync::Arc;

use hyper::StatusCode;
use serde_json::json;
use uuid::Uuid;

use super::Port;
use crate::arm::Arm;
use crate::blob::Blobs;
use crate::context::Context;
use crate::exchange::{Answer, Call};
use crate::graph::Graph;
use crate::himds::Agent;
use crate::hosts::Host;
use crate::imds::Imds;
use crate::keyvault::Vaults;
use crate::log::{Log, Service};
use crate::login::Login;
use crate::world::Principal;
use crate::{arm, azcmagent, blob, graph, himds, imds, keyvault, login, managed};

/// Every service of a lab.
pub(crate) struct Services {
    pub context: Arc<Context>,
    pub agent: Agent,
    pub imds: Imds,
    pub arm: Arm,
    pub vaults: Vaults,
    pub blobs: Blobs,
    pub login: Login,
    pub graph: Graph,
    /// The log of the requests that the services send themselves.
    pub log: Arc<Log>,
}

/// A service, with the name under which it was addressed.
#[derive(Clone, Debug)]
pub(super) enum Route {
    Agent,
    Imds,
    Host(Host),
}

impl Route {
    pub(super) fn of(port: Port, authority: &str) -> Self {
        match port {
            Port::Himds => Self::Agent,
            Port::Imds => Self::Imds,
            Port::Azure => Self::Host(Host::of(authority)),
        }
    }

    pub(super) fn service(&self) -> Service {
        match self {
            Self::Agent => Service::Himds,
            Self::Imds => Service::Imds,
            Self::Host(Host::Arm) => Service::Arm,
            Self::Host(Host::Vault { .. }) => Service::KeyVault,
            Self::Host(Host::Blob { .. }) => Service::Blob,
            Self::Host(Host::Graph) => Service::Graph,
            Self::Host(Host::Login | Host::Unknown) => Service::Login,
        }
    }

    /// Returns the maximum request body size, in bytes.
    pub(super) fn body_limit(&self) -> usize {
        match self {
            Self::Host(Host::Blob { .. }) => blob::BODY_LIMIT,
            _ => 1 << 20,
        }
    }
}

impl Services {
    pub(super) fn handle(&self, route: &Route, call: &Call) -> Answer {
        match route {
            Route::Agent => match call.segments().as_slice() {
                [azcmagent::PATH, command] => self.azcmagent(call, command),
                _ => self.agent.handle(call),
            },
            Route::Imds => self.imds.handle(call),
            Route::Host(Host::Arm) => self.arm.handle(call),
            Route::Host(Host::Vault { name, naming }) => self.vaults.handle(name, *naming, call),
            Route::Host(Host::Blob { name, .. }) => self.blobs.handle(name, call),
            Route::Host(Host::Login) => self.login.handle(call),
            Route::Host(Host::Graph) => self.graph.handle(call),
            Route::Host(Host::Unknown) => unknown_host(&call.authority),
        }
    }

    /// Answers a request that a service of the lab sends to another one.
    pub(crate) fn send(&self, call: &Call) -> Answer {
        let route = Route::of(Port::Azure, &call.authority);
        let entry = self.log.arrived(route.service(), call.method.as_str(), &call.authority, &call.target);
        let mut answer = self.handle(&route, call);
        (answer.principal, answer.form) = self.sender(&route, call);
        entry.answered(&answer, true);
        answer
    }

    /// Returns the principal that a request comes from, and the fields of its form, as the log shows them.
    pub(super) fn sender(&self, route: &Route, call: &Call) -> (Option<String>, Vec<(String, String)>) {
        let world = &self.context.world;
        let connected = self.context.agent.connected();
        let on = |own: Option<&Principal>| {
            Some(managed::select(world, own, &call.query).ok()?.principal.name.clone())
        };
        let asks_for_token = call.path.ends_with("/oauth2/token");
        match route {
            Route::Agent if asks_for_token => {
                (connected.and_then(|connected| on(Some(&connected.principal))), Vec::new())
            }
            Route::Imds if asks_for_token => {
                let machine = world.virtual_machine.as_ref();
                (machine.and_then(|machine| on(managed::own(world, machine))), Vec::new())
            }
            Route::Agent | Route::Imds => (None, Vec::new()),
            Route::Host(Host::Login) => login::logged(call, world),
            Route::Host(_) => {
                let holder = call.bearer().and_then(|token| self.context.issuer.holder(token));
                let name = |id| self.context.name_of(id).unwrap_or_else(|| id.to_string());
                (holder.map(name), Vec::new())
            }
        }
    }
}

/// Builds an error response in the format of the request's service.
pub(super) fn error(service: Service, status: StatusCode, code: &str, message: &str) -> Answer {
    let id = Uuid::new_v4();
    match service {
        Service::Himds => himds::error(status, code, message),
        Service::Imds => imds::error(status, code, message),
        Service::Arm => arm::error(status, code, message),
        Service::Login => login::error(status, code, message),
        Service::Graph => graph::error(status, code, message),
        Service::KeyVault => keyvault::error(status, code, message),
        Service::Blob => blob::error(status, code, message, id),
    }
    .header("x-ms-request-id", id.to_string())
}

fn unknown_host(authority: &str) -> Answer {
    let message = format!(
        "No service is known by the host name '{authority}'. Known are management.localhost, NAME.vault.localhost, \
         NAME.blob.localhost, graph.localhost and login.localhost, and the public names of each."
    );
    Answer::json(StatusCode::NOT_FOUND, &json!({ "error": { "code": "HostNotFound", "message": message } }))
}
