//! Key Vault: requests, secrets and undo operations, shared by its step types.

mod bundle;
mod certificate;
mod change;
mod moment;
mod policy;
mod request;
mod undo;

pub(crate) use bundle::{Bundle, DeletedSecret, Item, Tags};
pub(crate) use certificate::Exported;
pub(crate) use change::{deleted, is_found, purged, recovered, there};
pub use moment::Moment;
pub(crate) use policy::{Permissions, Policies, Principal, UpdateKind};
pub(crate) use request::{
    Right, check_vault, deleted_url, listed, recover_url, request, secret_title, secret_url, vault_text,
    vault_url, versioned, versions_of,
};
pub(crate) use undo::{RecoverSecret, RemoveSecret, SecretProof, SetBack, attributes_of};
