//! Undoes the changes of `blob_download`.

use arcbook_engine::step::{Action, Change, ErrorKind, FileRead, PriorState, Receipt, StepError};

use super::file_undo::FileUndo;
use crate::file::{FileIdentity, discard};
use crate::session::Session;
use crate::undo::Undo;

/// The undoing of one download: that of the change of a file, and of what a killed run has received.
pub(super) struct DownloadUndo {
    path: String,
    /// None if the run was killed, and there was no file before it.
    file: Option<FileUndo>,
}

impl DownloadUndo {
    /// Returns the undoing of the change of a receipt; none if the receipt does not say enough.
    pub fn of(receipt: &Receipt) -> Option<Self> {
        let file = FileUndo::of(receipt);
        let is_unconfirmed = receipt.change.is_none() && receipt.before == PriorState::Absent;
        let path = receipt.only_target()?.to_owned();
        (file.is_some() || is_unconfirmed).then_some(Self { path, file })
    }

    fn look(&self) -> Action {
        Action::read_file(FileRead::state(self.path.as_str().into(), "path"))
    }

    fn removal(&self) -> Action {
        Action::remove_file(self.path.as_str().into())
    }
}

impl Undo for DownloadUndo {
    fn actions(&self) -> Vec<Action> {
        match &self.file {
            Some(file) => file.actions(),
            None => vec![self.look(), self.removal()],
        }
    }

    async fn run(&self, session: &Session) -> Result<Change, StepError> {
        let siblings = session.siblings(&self.look())?;
        let identity = session
            .on_file(&self.look(), move |path| {
                discard(&siblings);
                FileIdentity::read(path)
            })
            .await?;
        match (&self.file, identity) {
            (Some(file), _) => file.run(session).await,
            (None, None) => Ok(Change::None),
            (None, Some(_)) => Err(unsure()),
        }
    }
}

fn unsure() -> StepError {
    StepError::new(ErrorKind::Stopped, "the file was made by the run or by somebody else, and is kept")
        .detail("The run was killed before its record could tell.")
        .help("resume the run and then undo it")
}
