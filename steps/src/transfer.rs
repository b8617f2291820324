//! The sizes and the number of the requests of a large transfer.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The sizes and the number of the requests in which large files are sent and received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransferSizes {
    /// The size of a block in bytes, unless the file would need too many; a file that is not longer is sent in one
    /// request.
    pub block: u64,
    /// The size of a range in bytes. Each is in memory until it is checked.
    pub range: u64,
    /// The maximum number of blocks and ranges in transfer, in all steps together.
    pub at_once: usize,
}

impl TransferSizes {
    /// The sizes for Azure: blocks of 8 MiB, ranges of 2 MiB, and four at once.
    ///
    /// The service computes an MD5 of ranges up to 4 MiB. Half of it keeps a download below 64 MB of memory.
    pub const AZURE: Self = Self { block: 8 << 20, range: 2 << 20, at_once: 4 };
}

/// The limit of the transfers of all steps.
#[derive(Clone, Debug)]
pub(crate) struct Transfers {
    pub sizes: TransferSizes,
    places: Arc<Semaphore>,
}

impl Transfers {
    pub fn new(sizes: TransferSizes) -> Self {
        Self { sizes, places: Arc::new(Semaphore::new(sizes.at_once.max(1))) }
    }

    /// Waits for a place, which is free again when the result is dropped.
    pub async fn place(&self) -> Option<OwnedSemaphorePermit> {
        // The semaphore is never closed.
        Arc::clone(&self.places).acquire_owned().await.ok()
    }
}
