//! Blob storage: containers and blobs of every account.

mod answer;
mod authorize;
mod blobs;
mod blocks;
mod conditions;
mod containers;
mod list;
mod range;
mod service;
mod store;
mod upload;
mod visit;

pub(crate) use answer::error;
pub(crate) use service::{BODY_LIMIT, Blobs};

use visit::Visit;
