//! The part of a storage account in the state that a lab keeps.

use std::collections::BTreeMap;
use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::Blobs;
use super::store::{Blob, Container, ContentHeaders, Metadata, Stamp, Store};
use crate::clock;
use crate::content::Content;

/// The containers of an account, by name, without blocks that were not committed.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Saved(BTreeMap<String, SavedContainer>);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedContainer {
    stamp: Stamp,
    metadata: Metadata,
    #[serde(default)]
    immutable: bool,
    blobs: BTreeMap<String, SavedBlob>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedBlob {
    stamp: Stamp,
    #[serde(with = "clock::saved")]
    created: OffsetDateTime,
    /// In base64.
    content: String,
    blocks: Vec<(String, u64)>,
    headers: ContentHeaders,
    metadata: Metadata,
}

impl Blobs {
    /// Returns the current state of each account.
    pub(crate) fn saved(&self) -> io::Result<BTreeMap<String, Saved>> {
        self.accounts().map(|(name, store)| Ok((name.to_owned(), store.saved()?))).collect()
    }

    /// Replaces the state of the world by a saved one.
    pub(crate) fn restore(&self, mut saved: BTreeMap<String, Saved>) -> io::Result<()> {
        for (name, store) in self.accounts() {
            if let Some(saved) = saved.remove(name) {
                store.restore(saved)?;
            }
        }
        Ok(())
    }
}

impl Store {
    fn saved(&self) -> io::Result<Saved> {
        let containers = self.lock();
        let saved =
            containers.iter().map(|(name, container)| Ok((name.clone(), SavedContainer::of(container)?)));
        saved.collect::<io::Result<_>>().map(Saved)
    }

    fn restore(&self, Saved(saved): Saved) -> io::Result<()> {
        let containers = saved.into_iter().map(|(name, saved)| Ok((name, saved.into_container(self)?)));
        *self.lock() = containers.collect::<io::Result<_>>()?;
        Ok(())
    }
}

impl SavedContainer {
    fn of(container: &Container) -> io::Result<Self> {
        let blobs = container.blobs.iter().map(|(name, blob)| Ok((name.clone(), SavedBlob::of(blob)?)));
        let (stamp, metadata) = (container.stamp.clone(), container.metadata.clone());
        let blobs = blobs.collect::<io::Result<_>>()?;
        Ok(Self { stamp, metadata, immutable: container.immutable, blobs })
    }

    fn into_container(self, store: &Store) -> io::Result<Container> {
        let Self { stamp, metadata, immutable, blobs } = self;
        let blobs = blobs.into_iter().map(|(name, blob)| Ok((name, blob.into_blob(store)?)));
        let blobs = blobs.collect::<io::Result<_>>()?;
        Ok(Container { stamp, immutable, blobs, ..Container::new(metadata) })
    }
}

impl SavedBlob {
    fn of(blob: &Blob) -> io::Result<Self> {
        Ok(Self {
            stamp: blob.stamp.clone(),
            created: blob.created,
            content: STANDARD.encode(blob.content.read()?),
            blocks: blob.blocks.clone(),
            headers: blob.headers.clone(),
            metadata: blob.metadata.clone(),
        })
    }

    fn into_blob(self, store: &Store) -> io::Result<Blob> {
        let content = STANDARD.decode(&self.content).map_err(io::Error::other)?;
        let Self { stamp, created, blocks, headers, metadata, .. } = self;
        let content = Content::of(store.spool(), &Bytes::from(content))?;
        Ok(Blob { stamp, created, content, blocks, headers, metadata })
    }
}
