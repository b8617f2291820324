//! Writes the state to its file after each change.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use tokio::sync::Notify;

use super::document::{Document, Parts, StateError};

/// The file of a lab's state, and the changes that it lacks.
pub(crate) struct Keeper {
    path: PathBuf,
    changed: Notify,
}

impl Keeper {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, changed: Notify::new() }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Notes a change.
    pub(crate) fn note(&self) {
        self.changed.notify_one();
    }

    /// Waits for a change that the file lacks.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Writes the current state beside the file and renames it, so that the file is always whole. Only its owner may
    /// read it.
    pub(crate) fn write(&self, parts: &Parts<'_>) -> Result<(), StateError> {
        let failed = |error| StateError::Write(self.path.clone(), error);
        let document = Document::of(parts).map_err(failed)?;
        let text = serde_json::to_vec(&document).map_err(|error| failed(error.into()))?;
        let directory = self.path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let mut file =
            tempfile::NamedTempFile::new_in(directory.unwrap_or(Path::new("."))).map_err(failed)?;
        file.write_all(&text).map_err(failed)?;
        file.persist(&self.path).map_err(|error| failed(error.error))?;
        Ok(())
    }
}
