//! The routes of a storage account.

use std::sync::Arc;

use hyper::{Method, StatusCode};

use crate::context::Context;
use crate::exchange::{Answer, Call, Refused};
use crate::world::Account;

use super::answer::{self, error};
use super::store::Store;
use super::visit::Visit;

/// The most that one request may carry: enough for a test, little enough for a laptop.
pub(crate) const BODY_LIMIT: usize = 128 << 20;

/// Every storage account of a world: `NAME.blob.localhost`.
pub(crate) struct Blobs {
    pub(super) context: Arc<Context>,
    /// As the world's accounts, in their order.
    stores: Vec<Store>,
}

/// What a path and its query are about.
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
        Self { stores: context.world.accounts.iter().map(Store::new).collect(), context: Arc::clone(context) }
    }

    pub(crate) fn handle(&self, name: &str, call: &Call) -> Answer {
        let found =
            self.context.world.accounts.iter().zip(&self.stores).find(|(account, _)| account.name == name);
        let Some((account, store)) = found else {
            // In Azure the name would not even resolve.
            let message = format!("There is no storage account named '{name}' here.");
            return error(StatusCode::NOT_FOUND, "AccountNotFound", &message, call.id);
        };
        let answer = self.route(account, store, call).unwrap_or_else(|refused| *refused);
        answer::with_ids(answer, call)
    }

    fn route(&self, account: &Account, store: &Store, call: &Call) -> Result<Answer, Refused> {
        let claims = self.caller(account, call)?;
        let visit = Visit { account, store, call, claims: &claims, world: &self.context.world };
        let is_container =
            call.query.get("restype").is_some_and(|kind| kind.eq_ignore_ascii_case("container"));
        let comp = call.query.get("comp").map(str::to_ascii_lowercase);
        match (Target::of(&call.path), is_container, &call.method, comp.as_deref()) {
            (Target::Account, false, &Method::GET, Some("list")) => visit.list_containers(),
            (Target::Container(name), true, &Method::PUT, None) => visit.create_container(name),
            (Target::Container(name), true, &Method::GET | &Method::HEAD, None) => {
                visit.container_properties(name)
            }
            (Target::Container(name), true, &Method::DELETE, None) => visit.delete_container(name),
            (Target::Container(name), true, &Method::GET, Some("list")) => visit.list_blobs(name),
            (Target::Blob(container, name), false, &Method::PUT, None) => visit.put_blob(container, name),
            (Target::Blob(container, name), false, &Method::PUT, Some("block")) => {
                visit.put_block(container, name)
            }
            (Target::Blob(container, name), false, &Method::PUT, Some("blocklist")) => {
                visit.put_block_list(container, name)
            }
            (Target::Blob(container, name), false, &Method::GET | &Method::HEAD, None) => {
                visit.get_blob(container, name)
            }
            (Target::Blob(container, name), false, &Method::DELETE, None) => {
                visit.delete_blob(container, name)
            }
            _ => Err(visit.refused(
                StatusCode::BAD_REQUEST,
                "UnsupportedHttpVerb",
                "The resource doesn't support the specified Http Verb and query.",
            )),
        }
    }
}
