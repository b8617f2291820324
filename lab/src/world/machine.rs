//! The machine whose identity the lab's tokens carry.

use ring::digest::{SHA256, digest};
use uuid::{Builder, Uuid};

use super::Os;

/// The Arc-enabled server whose agent the lab simulates, with its system-assigned identity.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    pub name: String,
    pub id: String,
    pub group: String,
    pub location: String,
    pub os: Os,
    pub os_sku: String,
    pub os_version: String,
    pub agent_version: String,
    pub vm_id: Uuid,
    pub principal_id: Uuid,
    pub client_id: Uuid,
    pub tags: indexmap::IndexMap<String, String>,
}

/// Derives a UUID from words, the same in every run, so that a world need not specify each id.
pub(crate) fn derived_id(words: &[&str]) -> Uuid {
    let hash = digest(&SHA256, words.join("\n").as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.as_ref()[..16]);
    Builder::from_random_bytes(bytes).into_uuid()
}
