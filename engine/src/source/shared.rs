//! Shares a source of files.

use std::ops::Deref;
use std::sync::Arc;

use super::{Disk, FileSystem};

/// A [`FileSystem`] that the parts of a runbook share; by default the disk.
#[derive(Clone, Debug)]
pub struct SharedFileSystem(Arc<dyn FileSystem>);

impl Default for SharedFileSystem {
    fn default() -> Self {
        Disk.into()
    }
}

impl<T: FileSystem + 'static> From<T> for SharedFileSystem {
    fn from(files: T) -> Self {
        Self(Arc::new(files))
    }
}

impl Deref for SharedFileSystem {
    type Target = dyn FileSystem;

    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}
