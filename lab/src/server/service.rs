//! Routing of requests to services, and errors for requests that reach none.

use hyper::StatusCode;
use serde_json::json;
use uuid::Uuid;

use super::Port;
use crate::arm::Arm;
use crate::blob::Blobs;
use crate::exchange::{Answer, Call};
use crate::himds::Agent;
use crate::hosts::Host;
use crate::keyvault::Vaults;
use crate::log::Service;
use crate::login::Login;
use crate::{arm, blob, himds, keyvault};

/// Every service of a lab.
pub(crate) struct Services {
    pub agent: Agent,
    pub arm: Arm,
    pub vaults: Vaults,
    pub blobs: Blobs,
    pub login: Login,
}

/// A service, with the name under which it was addressed.
#[derive(Clone, Debug)]
pub(super) enum Route {
    Agent,
    Host(Host),
}

impl Route {
    pub(super) fn of(port: Port, authority: &str) -> Self {
        match port {
            Port::Himds => Self::Agent,
            Port::Azure => Self::Host(Host::of(authority)),
        }
    }

    pub(super) fn service(&self) -> Service {
        match self {
            Self::Agent => Service::Himds,
            Self::Host(Host::Arm) => Service::Arm,
            Self::Host(Host::Vault { .. }) => Service::KeyVault,
            Self::Host(Host::Blob { .. }) => Service::Blob,
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
            Route::Agent => self.agent.handle(call),
            Route::Host(Host::Arm) => self.arm.handle(call),
            Route::Host(Host::Vault { name, naming }) => self.vaults.handle(name, *naming, call),
            Route::Host(Host::Blob { name, .. }) => self.blobs.handle(name, call),
            Route::Host(Host::Login) => self.login.handle(call),
            Route::Host(Host::Unknown) => unknown_host(&call.authority),
        }
    }
}

/// Builds an error response in the format of the request's service.
pub(super) fn error(service: Service, status: StatusCode, code: &str, message: &str) -> Answer {
    let id = Uuid::new_v4();
    match service {
        Service::Himds => himds::error(status, code, message),
        Service::Arm | Service::Login => arm::error(status, code, message),
        Service::KeyVault => keyvault::error(status, code, message),
        Service::Blob => blob::error(status, code, message, id),
    }
    .header("x-ms-request-id", id.to_string())
}

fn unknown_host(authority: &str) -> Answer {
    let message = format!(
        "No service is known by the host name '{authority}'. Known are management.localhost, NAME.vault.localhost, \
         NAME.blob.localhost and login.localhost, and the public names of each."
    );
    Answer::json(StatusCode::NOT_FOUND, &json!({ "error": { "code": "HostNotFound", "message": message } }))
}
