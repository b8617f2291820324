//! A container as a reader of records sees it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arcbook_engine::journal::RecordSet;
use arcbook_engine::step::{Context, StepError};

use super::store::Store;
use super::store_type::BlobRecordStores;
use crate::azure::Azure;

/// A blob container with records, which is only read.
pub struct RecordContainer {
    pub(super) store: Store,
}

/// The reason why a container could not be read.
#[derive(Debug)]
pub enum FetchError {
    /// The service refused, or could not be reached.
    Service(StepError),
    /// The file at this path could not be written.
    Disk(PathBuf, std::io::Error),
}

impl From<StepError> for FetchError {
    fn from(error: StepError) -> Self {
        Self::Service(error)
    }
}

impl RecordContainer {
    /// Returns the container that `place` names, as `ACCOUNT/CONTAINER/PREFIX` or as a URL; the error is a clause such as
    /// `it must be …`.
    pub fn parse(azure: &Arc<Azure>, place: &str) -> Result<Self, String> {
        Ok(Self { store: BlobRecordStores::new(Arc::clone(azure)).parsed(place)? })
    }

    /// Returns the URL, with a slash at its end.
    #[must_use]
    pub fn url(&self) -> String {
        self.store.below().to_string()
    }

    /// Copies all records into the empty directory `into`. A record that cannot be copied for a reason of its own is
    /// left out.
    pub async fn fetch(&self, into: &Path, context: &Context) -> Result<RecordSet, FetchError> {
        super::fetch::fetch(&self.store, into, context).await
    }
}
