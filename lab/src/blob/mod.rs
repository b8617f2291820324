//! Blob storage: containers and blobs of every account.

mod answer;
mod authorize;
mod blobs;
mod blocks;
mod conditions;
mod containers;
mod list;
mod range;
mod request;
mod saved;
mod service;
mod store;
mod upload;

pub(crate) use answer::error;
pub(crate) use saved::Saved;
pub(crate) use service::{BODY_LIMIT, Blobs};

use request::AccountRequest;
