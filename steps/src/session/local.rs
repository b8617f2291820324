//! Reads and changes the files of a step.

use std::path::{Path, PathBuf};

use arcbook_engine::step::{Action, StepError};
use bytes::Bytes;

use super::{Session, undeclared};
use crate::file::{self, DirectoryState, FileState, Siblings, Trouble};

impl Session {
    /// Returns the state of the file that `action` reads; none if there is none.
    pub(crate) async fn file_state(&self, action: &Action) -> Result<Option<FileState>, StepError> {
        self.on_file(action, FileState::read).await
    }

    /// Returns the state of the directory that `action` reads; none if there is none.
    pub(crate) async fn directory_state(&self, action: &Action) -> Result<Option<DirectoryState>, StepError> {
        self.with_file(action, DirectoryState::read).await
    }

    /// Returns the directory of the runbook.
    pub(crate) fn base(&self) -> &Path {
        self.context.directory()
    }

    /// Returns the content of the input file that `action` reads, which must be that of the reviewed plan.
    pub(crate) async fn input_file(&self, action: &Action) -> Result<Bytes, StepError> {
        let bytes = file::read(&self.local_path(action)?).await?;
        if let Some(named) = action.input_file().and_then(|file| file.path.reveal()) {
            self.context.check_file(Path::new(&named), &bytes)?;
        }
        Ok(bytes)
    }

    /// Does `work`, which may block, with the path of the file that `action` reads, writes or removes.
    pub(crate) async fn on_file<T: Send + 'static>(
        &self,
        action: &Action,
        work: impl FnOnce(&Path) -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T, StepError> {
        self.with_file(action, move |path| work(path).map_err(|trouble| trouble.error())).await
    }

    /// Does `work` with the path of the file, as [`Self::on_file`], with an error of its own.
    pub(crate) async fn with_file<T: Send + 'static>(
        &self,
        action: &Action,
        work: impl FnOnce(&Path) -> Result<T, StepError> + Send + 'static,
    ) -> Result<T, StepError> {
        let path = self.local_path(action)?;
        let done = tokio::task::spawn_blocking(move || work(&path)).await;
        done.map_err(|_| StepError::internal("the work on a file broke off"))?
    }

    /// Returns the siblings of the file that `action` reads, writes or removes.
    pub(crate) fn siblings(&self, action: &Action) -> Result<Siblings, StepError> {
        Ok(Siblings::of(&self.local_path(action)?, self.first_run(), self.context.address()))
    }

    /// Returns the path of the file that `action`, which the step declared, reads, writes or removes.
    fn local_path(&self, action: &Action) -> Result<PathBuf, StepError> {
        self.check(action)?;
        let path = action.path().ok_or_else(|| undeclared(action))?;
        let path = path.reveal().ok_or_else(|| StepError::internal("a path is not known yet"))?;
        Ok(self.context.directory().join(path))
    }
}
