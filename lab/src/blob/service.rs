//! A storage account's routes.

use std::sync::Arc;

use hyper::{Method, StatusCode};

use crate::context::Context;
use crate::exchange::{Answer, Call, Refused};
use crate::world::Account;

use super::answer::{self, error};
use super::request::AccountRequest;
use super::store::Store;

/// Maximum request body size, in bytes: a body is in memory until it is complete.
pub(crate) const BODY_LIMIT: usize = 128 << 20;

/// The blob services of all storage accounts of a world: `NAME.blob.localhost`.
pub(crate) struct Blobs {
    pub(super) context: Arc<Context>,
    /// One per account of the world, in the same order.
    stores: Vec<Store>,
}

/// The resource that a path and its query address.
enum Target<'a> {
    Account,
    Container(&'a str),
    Blob(&'a str, &'a str),
}

impl<'a> Target<'a> {
    fn of(path: &'a str) -> Self {
        let path = path.strip_prefix('/').unwrap_or(path);
        match path.split_once('/') {
            None | Some((_, "")) if path.is_empty() => Self::Account,
            None => Self::Container(path),
            Some((container, "")) => Self::Container(container),
            Some((container, blob)) => Self::Blob(container, blob),
        }
    }
}

impl Blobs {
    pub(crate) fn new(context: &Arc<Context>) -> Self {
        let spool = Arc::default();
        let stores = context.world.accounts.iter().map(|account| Store::new(account, &spool)).collect();
        Self { stores, context: Arc::clone(context) }
    }

    /// Returns each account's name and store.
    pub(super) fn accounts(&self) -> impl Iterator<Item = (&str, &Store)> {
        self.context.world.accounts.iter().map(|account| account.name.as_str()).zip(&self.stores)
    }

    pub(crate) fn handle(&self, name: &str, call: &Call) -> Answer {
        let found =
            self.context.world.accounts.iter().zip(&self.stores).find(|(account, _)| account.name == name);
        let Some((account, store)) = found else {
            // In Azure the host name would not even resolve.
            let message = format!("There is no storage account named '{name}' here.");
            return error(StatusCode::NOT_FOUND, "AccountNotFound", &message, call.id);
        };
        let answer = self.route(account, store, call).unwrap_or_else(|refused| *refused);
        answer::with_ids(answer, call)
    }

    fn route(&self, account: &Account, store: &Store, call: &Call) -> Result<Answer, Refused> {
        let claims = self.caller(account, call)?;
        let request = AccountRequest { account, store, call, claims: &claims, access: &self.context.access };
        let is_container =
            call.query.get("restype").is_some_and(|kind| kind.eq_ignore_ascii_case("container"));
        let comp = call.query.get("comp").map(str::to_ascii_lowercase);
        match (Target::of(&call.path), is_container, &call.method, comp.as_deref()) {
            (Target::Account, false, &Method::GET, Some("list")) => request.list_containers(),
            (Target::Container(name), true, &Method::PUT, None) => request.create_container(name),
            (Target::Container(name), true, &Method::GET | &Method::HEAD, None) => {
                request.container_properties(name)
            }
            (Target::Container(name), true, &Method::DELETE, None) => request.delete_container(name),
            (Target::Container(name), true, &Method::GET, Some("list")) => request.list_blobs(name),
            (Target::Blob(container, name), false, &Method::PUT, None) => request.put_blob(container, name),
            (Target::Blob(container, name), false, &Method::PUT, Some("block")) => {
                request.put_block(container, name)
            }
            (Target::Blob(container, name), false, &Method::PUT, Some("blocklist")) => {
                request.put_block_list(container, name)
            }
            (Target::Blob(container, name), false, &Method::GET, Some("blocklist")) => {
                request.get_block_list(container, name)
            }
            (Target::Blob(container, name), false, &Method::GET | &Method::HEAD, None) => {
                request.get_blob(container, name)
            }
            (Target::Blob(container, name), false, &Method::DELETE, None) => {
                request.delete_blob(container, name)
            }
            _ => Err(request.refused(
                StatusCode::BAD_REQUEST,
                "UnsupportedHttpVerb",
                "The resource doesn't support the specified Http Verb and query.",
            )),
        }
    }
}
