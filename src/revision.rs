//! Loads a runbook from a revision in git.

use std::mem::ManuallyDrop;

use arcbook_engine::diagnostic::Diagnostic;
use arcbook_engine::runbook::Missing;
use arcbook_engine::source::{Revision, RevisionError, SharedFileSystem};
use arcbook_engine::step::Registry;
use clap::Args;

use crate::loaded::{Loaded, Rejected, RunbookArguments, files_for_review};
use crate::screen::Screen;

/// The revision that a runbook is read from.
#[derive(Args)]
pub struct RevisionArguments {
    /// Read the runbook, its modules and the files of its functions from a revision in git, such as `v1.2` or
    /// `HEAD~1`, in place of the disk.
    #[arg(long, value_name = "REV")]
    revision: Option<String>,
}

impl RevisionArguments {
    /// Returns true if the runbook is not read from the disk.
    pub fn is_given(&self) -> bool {
        self.revision.is_some()
    }

    /// Loads and plans the runbook from the revision, or from the disk without one.
    pub fn load(
        &self,
        runbook: &RunbookArguments,
        registry: &Registry,
        missing: Missing,
        screen: &Screen,
    ) -> Result<ManuallyDrop<Loaded>, Rejected> {
        runbook.load_from(&self.files(runbook, SharedFileSystem::default())?, registry, missing, screen)
    }

    /// Loads the runbook for a review, from the revision or from the disk.
    pub fn load_for_review(
        &self,
        runbook: &RunbookArguments,
        registry: &Registry,
        screen: &Screen,
    ) -> Result<ManuallyDrop<Loaded>, Rejected> {
        let files = self.files(runbook, files_for_review(&runbook.path))?;
        runbook.load_for_review(&files, registry, screen)
    }

    /// Returns the files of the revision; those of `disk` without one.
    fn files(
        &self,
        runbook: &RunbookArguments,
        disk: SharedFileSystem,
    ) -> Result<SharedFileSystem, Rejected> {
        let Some(revision) = &self.revision else {
            runbook.check_is_runbook()?;
            return Ok(disk);
        };
        let revision = Revision::open(revision, &runbook.path).map_err(|error| Box::new(told(&error)))?;
        Ok(revision.into())
    }
}

/// Returns the diagnostic for a revision that cannot be read.
pub fn told(error: &RevisionError) -> Diagnostic {
    let found = Diagnostic::error("no-revision", error.to_string());
    match error {
        RevisionError::NoGit => found.help("install git, or leave out `-revision`"),
        RevisionError::NoRepository { reason, .. } => {
            found.maybe_detail(said(reason)).help("name a runbook in a git repository")
        }
        RevisionError::NoCommit { .. } => {
            found.help("name a commit, a branch or a tag; `git log` lists the commits")
        }
        RevisionError::Failed { reason } => found.maybe_detail(said(reason)),
    }
}

/// Returns the message of git, if there is one, as a sentence.
fn said(reason: &str) -> Option<String> {
    let reason = reason.trim_end_matches('.');
    (!reason.is_empty()).then(|| format!("git: {reason}."))
}
