//! Undoes the changes of `file`.

use std::path::{Path, PathBuf};

use arcbook_engine::source::slashed;
use arcbook_engine::step::{Action, Change, ErrorKind, FileRead, FileWrite, PriorState, Receipt, StepError};

use super::file_receipt::{Earlier, Proof};
use crate::file::{self, FileState};
use crate::session::Session;
use crate::undo::Undo;

/// The undoing of one change of a file.
pub(super) struct FileUndo {
    path: String,
    /// True if the run is known to have made the change.
    is_certain: bool,
    /// The proof that the file is as the run left it.
    proof: Option<Proof>,
    /// The state to put back; none if the file is to be removed.
    earlier: Option<(Earlier, Option<PathBuf>)>,
}

impl FileUndo {
    /// Returns the undoing of the change of a receipt; none if the receipt does not say enough.
    pub fn of(receipt: &Receipt) -> Option<Self> {
        let proof = Proof::of(receipt);
        let earlier = || Some((Earlier::of(receipt)?, receipt.kept.clone()));
        let earlier = match (receipt.change, receipt.before) {
            (Some(Change::Created), _) => proof.as_ref().map(|_| None)?,
            (Some(Change::Updated), _) => proof.as_ref().and_then(|_| earlier()).map(Some)?,
            (Some(Change::Removed), _) => earlier().filter(|(_, kept)| kept.is_some()).map(Some)?,
            (Some(Change::None), _) | (None, PriorState::Unknown) => return None,
            (None, PriorState::Absent) => proof.as_ref().map(|_| None)?,
            (None, PriorState::Present) => {
                earlier().filter(|(_, kept)| kept.is_some() || proof.is_some()).map(Some)?
            }
        };
        let is_removal = receipt.change == Some(Change::Removed);
        let proof = if is_removal { Some(Proof::Absent) } else { proof };
        let path = receipt.only_target()?.to_owned();
        Some(Self { path, is_certain: receipt.change.is_some(), proof, earlier })
    }

    fn look(&self) -> Action {
        Action::read_file(FileRead::state(self.path.as_str().into(), "path"))
    }

    /// Returns the reading of the file that keeps the prior content, if there is one.
    fn kept(&self) -> Option<Action> {
        let kept = self.earlier.as_ref()?.1.as_ref()?;
        Some(Action::read_file(FileRead::state(slashed(kept).into(), "path")))
    }

    fn change(&self) -> Action {
        let path = self.path.as_str().into();
        match &self.earlier {
            None => Action::remove_file(path),
            Some((earlier, _)) => Action::write_file(FileWrite { path, mode: Some(earlier.attributes.mode) }),
        }
    }

    async fn remove(&self, session: &Session) -> Result<Change, StepError> {
        let Some(state) = session.file_state(&self.look()).await? else { return Ok(Change::None) };
        match self.holds(Some(&state)) {
            true => session.on_file(&self.change(), file::remove).await.map(|()| Change::Removed),
            // It is not known whether the run made the file, and this one has another content.
            false if !self.is_certain => Ok(Change::None),
            false => Err(changed_since()),
        }
    }

    /// Returns true if the run certainly left the file in this state.
    fn holds(&self, state: Option<&FileState>) -> bool {
        self.proof.as_ref().is_some_and(|proof| proof.holds(state))
    }

    async fn put_back(&self, session: &Session, earlier: &Earlier) -> Result<Change, StepError> {
        let state = session.file_state(&self.look()).await?;
        let (kept, content) = match (self.kept(), &self.earlier) {
            (Some(read), Some((_, Some(kept)))) => (Some(kept.clone()), session.file_state(&read).await?),
            _ => (None, None),
        };
        let has_sha256 = |sha256: &str| state.as_ref().is_some_and(|state| state.sha256 == sha256);
        let is_intact = |content: &FileState| match &earlier.proof {
            Some(Proof::Content(sha256)) => content.sha256 == *sha256,
            _ => true,
        };
        let is_untouched = earlier.proof.as_ref().is_some_and(|proof| proof.holds(state.as_ref()));
        let attributes = earlier.attributes;
        match (kept, content) {
            (Some(kept), Some(content)) if has_sha256(&content.sha256) => {
                // An earlier attempt put it back, or the change was never made.
                let back = move |path: &Path| {
                    file::set_attributes(path, attributes)?;
                    file::remove(&kept)
                };
                session.on_file(&self.change(), back).await.map(|()| Change::None)
            }
            // The run was killed before it kept the content.
            (Some(_), None) if is_untouched => Ok(Change::None),
            // An undo that was killed moved the content back.
            (Some(_), None) if session.before().is_some() && !self.holds(state.as_ref()) => {
                Ok(Change::Updated)
            }
            (Some(_), None) => Err(lost("the file that kept the prior content is missing")),
            (Some(_), Some(content)) if !is_intact(&content) => {
                Err(lost("the file that kept the prior content was changed"))
            }
            _ if !self.holds(state.as_ref()) => Err(if self.is_certain { changed_since() } else { unsure() }),
            (None, _) => {
                let back = move |path: &Path| file::set_attributes(path, attributes).map(drop);
                session.on_file(&self.change(), back).await.map(|()| Change::Updated)
            }
            (Some(kept), Some(_)) => {
                let back = move |path: &Path| file::move_back(&kept, path, attributes);
                session.on_file(&self.change(), back).await?;
                Ok(if state.is_some() { Change::Updated } else { Change::Created })
            }
        }
    }
}

fn changed_since() -> StepError {
    StepError::new(ErrorKind::Stopped, "the file was changed since the run changed it, and is kept")
        .help("compare it with what the run wrote, then change it by hand")
}

fn unsure() -> StepError {
    StepError::new(ErrorKind::Stopped, "the file was changed by the run or by somebody else, and is kept")
        .detail("The run was killed, and its record holds no digest of a secret content.")
        .help("resume the run and then undo it; or compare the file with the one that kept the prior content")
}

fn lost(summary: &str) -> StepError {
    StepError::new(ErrorKind::Stopped, summary)
        .detail("The file is left as it is.")
        .help("put the prior content back from a backup")
}

impl Undo for FileUndo {
    fn actions(&self) -> Vec<Action> {
        [self.look()].into_iter().chain(self.kept()).chain([self.change()]).collect()
    }

    async fn run(&self, session: &Session) -> Result<Change, StepError> {
        match &self.earlier {
            None => self.remove(session).await,
            Some((earlier, _)) => self.put_back(session, earlier).await,
        }
    }
}
