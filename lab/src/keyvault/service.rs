//! A vault's routes.

use std::sync::Arc;

use hyper::{Method, StatusCode};

use crate::arm;
use crate::context::Context;
use crate::exchange::{Answer, Call, Refused};
use crate::hosts::Naming;
use crate::paging::Links;
use crate::world::Vault;

use super::answer::{self, error};
use super::request::VaultRequest;
use super::store::Store;

/// The data planes of all vaults of a world: `NAME.vault.localhost`.
pub(crate) struct Vaults {
    pub(super) context: Arc<Context>,
    pub(super) links: Links,
    /// The resources, of which the vaults are some.
    resources: Arc<arm::Store>,
    /// One per vault of the world, in the same order.
    stores: Vec<Store>,
}

impl Vaults {
    pub(crate) fn new(context: &Arc<Context>, resources: &Arc<arm::Store>) -> Self {
        let stores = context.world.vaults.iter().map(Store::new).collect();
        let resources = Arc::clone(resources);
        Self { context: Arc::clone(context), links: Links::default(), resources, stores }
    }

    /// Returns each vault with its store.
    pub(super) fn stores(&self) -> impl Iterator<Item = (&Vault, &Store)> {
        self.context.world.vaults.iter().zip(&self.stores)
    }

    /// Answers a request to the vault `name`, which is in lower case.
    pub(crate) fn handle(&self, name: &str, naming: Naming, call: &Call) -> Answer {
        let mut stores = self.stores().enumerate();
        let found = stores.find(|(_, (vault, _))| vault.name.eq_ignore_ascii_case(name));
        let found = found.filter(|(_, (vault, _))| self.resources.has(&vault.id));
        let Some((index, (vault, store))) = found else {
            // In Azure the host name would not even resolve.
            let message = format!("There is no key vault named '{name}' here.");
            return error(StatusCode::NOT_FOUND, "VaultNotFound", &message);
        };
        let answer = self.route((index, vault), store, naming, call).unwrap_or_else(|refused| *refused);
        answer::with_ids(answer, call, &vault.location)
    }

    fn route(
        &self,
        (index, vault): (usize, &Vault),
        store: &Store,
        naming: Naming,
        call: &Call,
    ) -> Result<Answer, Refused> {
        let claims = self.caller(naming, call)?;
        has_version(call)?;
        let request = VaultRequest { vault, index, store, call, claims: &claims };
        let segments = call.segments();
        let first = segments.first().map(|first| first.to_ascii_lowercase());
        match (&call.method, first.as_deref(), segments.get(1..).unwrap_or_default()) {
            (&Method::GET, Some("secrets"), []) => self.list(request),
            (&Method::GET, Some("secrets"), [name, versions])
                if versions.eq_ignore_ascii_case("versions") =>
            {
                self.versions(request, name)
            }
            (&Method::GET, Some("secrets"), [name]) => self.get(request, name, None),
            (&Method::GET, Some("secrets"), [name, version]) => self.get(request, name, Some(version)),
            (&Method::PUT, Some("secrets"), [name]) => self.set(request, name),
            (&Method::PATCH, Some("secrets"), [name]) => self.update(request, name, None),
            (&Method::PATCH, Some("secrets"), [name, version]) => self.update(request, name, Some(version)),
            (&Method::DELETE, Some("secrets"), [name]) => self.delete(request, name),
            (&Method::GET, Some("deletedsecrets"), []) => self.list_deleted(request),
            (&Method::POST, Some("deletedsecrets"), [name, recover])
                if recover.eq_ignore_ascii_case("recover") =>
            {
                self.recover(request, name)
            }
            (&Method::GET, Some("certificates"), []) => self.list_certificates(request),
            (&Method::GET, Some("certificates"), [name]) => self.certificate(request, name, None),
            (&Method::GET, Some("certificates"), [name, version]) => {
                self.certificate(request, name, Some(version))
            }
            (&Method::GET, Some("deletedsecrets"), [name]) => self.deleted(request, name),
            (&Method::DELETE, Some("deletedsecrets"), [name]) => self.purge(request, name),
            (_, Some("secrets" | "deletedsecrets" | "certificates"), _) => Err(answer::refused(
                StatusCode::METHOD_NOT_ALLOWED,
                "MethodNotAllowed",
                "The requested operation is not supported here.",
            )),
            _ => {
                let message = format!("Resource '{}' was not found.", call.path);
                Err(answer::refused(StatusCode::NOT_FOUND, "ResourceNotFound", &message))
            }
        }
    }
}

fn has_version(call: &Call) -> Result<(), Refused> {
    let version = call.query.get("api-version").unwrap_or_default();
    // Versions have forms such as `7.2`, `7.6-preview.1` and `2025-07-01`.
    let plausible = version.starts_with(|first: char| first.is_ascii_digit())
        && version.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    if plausible {
        return Ok(());
    }
    let message = match version {
        "" => "The api-version query parameter was not specified.".to_owned(),
        _ => format!("The api-version '{version}' is not supported."),
    };
    Err(answer::refused(StatusCode::BAD_REQUEST, "BadParameter", &message))
}
