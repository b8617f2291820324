//! The instance metadata service of an Azure VM: metadata, and tokens for its managed identities.

mod identity;
mod metadata;
mod service;

pub(crate) use service::{Imds, error};
