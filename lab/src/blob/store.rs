//! The current containers and blobs of one account.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hyper::StatusCode;
use indexmap::IndexMap;
use md5::{Digest as _, Md5};
use time::OffsetDateTime;

use super::AccountRequest;
use crate::clock;
use crate::content::{Content, Spool};
use crate::exchange::Refused;
use crate::world::{Account, SeedBlob, SeedContainer};

/// An account's containers by name.
pub(super) struct Store {
    containers: Mutex<BTreeMap<String, Container>>,
    /// Holds the content that is too long for memory.
    spool: Arc<Spool>,
}

/// A container: its committed blobs and its uncommitted blocks.
pub(super) struct Container {
    pub stamp: Stamp,
    pub metadata: Metadata,
    /// True if a retention policy protects its blobs: they are written once.
    pub immutable: bool,
    pub blobs: BTreeMap<String, Blob>,
    /// Uncommitted blocks by blob, then by id.
    pub blocks: BTreeMap<String, IndexMap<String, Content>>,
}

pub(super) type Metadata = IndexMap<String, String>;

/// A committed blob.
pub(super) struct Blob {
    pub stamp: Stamp,
    pub created: OffsetDateTime,
    pub content: Content,
    /// Id and size of each block in `content`, if it was uploaded in blocks.
    pub blocks: Vec<(String, u64)>,
    pub headers: ContentHeaders,
    pub metadata: Metadata,
}

/// The content headers that are stored with a blob.
#[derive(Clone, Default, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ContentHeaders {
    pub content_type: Option<String>,
    pub encoding: Option<String>,
    pub language: Option<String>,
    pub disposition: Option<String>,
    pub cache_control: Option<String>,
    /// In base64, as set or computed.
    pub md5: Option<String>,
}

/// The ETag and time of the last change.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Stamp {
    /// Without quotes.
    pub etag: String,
    #[serde(with = "clock::saved")]
    pub modified: OffsetDateTime,
}

impl Stamp {
    pub(super) fn new() -> Self {
        static CHANGES: AtomicU64 = AtomicU64::new(0x08DE_0000_0000_0000);
        let change = CHANGES.fetch_add(0x11, Ordering::Relaxed);
        Self { etag: format!("0x{change:X}"), modified: clock::now() }
    }
}

impl Store {
    pub(super) fn new(account: &Account, spool: &Arc<Spool>) -> Self {
        let container = |seed: &SeedContainer| {
            let mut container = Container::new(Metadata::new());
            container.immutable = seed.immutable;
            let blobs = seed.blobs.iter();
            container.blobs = blobs.map(|blob| (blob.name.clone(), Blob::seeded(blob))).collect();
            (seed.name.clone(), container)
        };
        let containers = account.containers.iter().map(container).collect();
        Self { containers: Mutex::new(containers), spool: Arc::clone(spool) }
    }

    /// Returns the file for content that is too long for memory.
    pub(super) fn spool(&self) -> &Arc<Spool> {
        &self.spool
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Container>> {
        self.containers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Container {
    pub(super) fn new(metadata: Metadata) -> Self {
        let (blobs, blocks) = (BTreeMap::new(), BTreeMap::new());
        Self { stamp: Stamp::new(), metadata, immutable: false, blobs, blocks }
    }
}

impl Blob {
    fn seeded(seed: &SeedBlob) -> Self {
        let content = Bytes::from(seed.content.clone());
        let content_type = seed.content_type.clone().or_else(|| Some("application/octet-stream".to_owned()));
        let headers = ContentHeaders { content_type, md5: Some(md5(&content)), ..ContentHeaders::default() };
        let stamp = Stamp::new();
        Self {
            created: stamp.modified,
            stamp,
            content: content.into(),
            blocks: Vec::new(),
            headers,
            metadata: Metadata::new(),
        }
    }
}

/// Returns the MD5 in base64, as headers carry it.
pub(super) fn md5(content: &[u8]) -> String {
    STANDARD.encode(Md5::digest(content))
}

impl AccountRequest<'_> {
    /// Calls `act` with the container, or returns `ContainerNotFound`.
    pub(super) fn in_container<T>(
        self,
        name: &str,
        act: impl FnOnce(&mut Container) -> Result<T, Refused>,
    ) -> Result<T, Refused> {
        match self.store.lock().get_mut(name) {
            Some(container) => act(container),
            None => Err(self.refused(
                StatusCode::NOT_FOUND,
                "ContainerNotFound",
                "The specified container does not exist.",
            )),
        }
    }

    /// Stores the body of the request.
    pub(super) fn stored_body(self) -> Result<Content, Refused> {
        Content::of(&self.store.spool, &self.call.body).map_err(|_| self.disk_failed())
    }

    pub(super) fn disk_failed(self) -> Refused {
        let message = "The disk of the lab is full or broken.";
        self.refused(StatusCode::INTERNAL_SERVER_ERROR, "InternalError", message)
    }

    pub(super) fn blob_not_found(self) -> Refused {
        self.refused(StatusCode::NOT_FOUND, "BlobNotFound", "The specified blob does not exist.")
    }

    /// Returns the metadata in the `x-ms-meta-` headers.
    pub(super) fn metadata(self) -> Metadata {
        self.call
            .headers_under("x-ms-meta-")
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }
}
