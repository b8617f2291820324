//! The machines whose identities a client on them can use.

use ring::digest::{SHA256, digest};
use uuid::{Builder, Uuid};

use super::Os;

/// The Arc-enabled server whose agent the lab simulates, or the Azure VM whose metadata service it simulates.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    pub name: String,
    pub id: String,
    pub group: String,
    pub location: String,
    /// The resource provider as the metadata name it: empty outside of Azure.
    pub provider: &'static str,
    pub os: Os,
    pub os_sku: String,
    pub os_version: String,
    /// Empty in Azure, where there is no agent.
    pub agent_version: String,
    /// Empty outside of Azure.
    pub size: String,
    pub vm_id: Uuid,
    pub tags: indexmap::IndexMap<String, String>,
}

impl Machine {
    /// Returns the machine without what it has in Azure.
    pub(crate) fn disconnected(&self) -> Self {
        let none = String::new;
        let tags = indexmap::IndexMap::new();
        Self { name: none(), id: none(), group: none(), location: none(), tags, ..self.clone() }
    }
}

/// Derives a UUID from words, the same in every run, so that a world need not specify each id.
pub(crate) fn derived_id(words: &[&str]) -> Uuid {
    let hash = digest(&SHA256, words.join("\n").as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.as_ref()[..16]);
    Builder::from_random_bytes(bytes).into_uuid()
}
