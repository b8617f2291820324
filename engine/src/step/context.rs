//! What a step is given while it runs.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::redact::Secrets;
use crate::value::Entries;

use super::{ErrorKind, PriorState, StepError};

/// What a step tells about itself while it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// A request goes out; the URL as the plan would show it.
    Sent {
        /// The method.
        method: &'static str,
        /// The URL, without anything sensitive.
        url: String,
    },
    /// A request was answered.
    Answered {
        /// The status.
        status: u16,
        /// The service's name for the request.
        request_id: Option<String>,
    },
    /// A request failed and will be sent again.
    Retrying {
        /// The attempt that comes next, counted from 1.
        attempt: u32,
        /// How many attempts there are at most.
        attempts: u32,
        /// How long it waits first.
        after: Duration,
        /// Why the last one failed.
        reason: String,
    },
}

/// A change that could not be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// The address of its step.
    pub step: String,
    /// What its requests went to: their URLs without the queries.
    pub target: Vec<String>,
}

/// What a step is given while it runs: who it is, where its files are, and where to tell of progress and of secrets.
#[derive(Clone)]
pub struct Context {
    address: Arc<str>,
    directory: PathBuf,
    secrets: Secrets,
    report: Arc<dyn Fn(Progress) + Send + Sync>,
    before: Option<PriorState>,
    runs: Arc<[String]>,
    made: Option<Arc<Entries>>,
    left: Arc<[Left]>,
    sends_once: bool,
    /// The digests of the files that are sent, where a reviewed plan says them.
    files: Option<Arc<HashMap<PathBuf, String>>>,
}

impl Context {
    /// The context of the step at `address`, whose relative paths start from `directory`.
    pub fn new(
        address: impl Into<Arc<str>>,
        directory: impl Into<PathBuf>,
        secrets: Secrets,
        report: impl Fn(Progress) + Send + Sync + 'static,
    ) -> Self {
        Self {
            address: address.into(),
            directory: directory.into(),
            secrets,
            report: Arc::new(report),
            before: None,
            runs: Arc::default(),
            made: None,
            left: Arc::default(),
            sends_once: false,
            files: None,
        }
    }

    /// Holds the files that are sent to what a reviewed plan says of them: the SHA-256, in hexadecimal, by the path as
    /// the step names it.
    #[must_use]
    pub fn sending_only(mut self, files: Arc<HashMap<PathBuf, String>>) -> Self {
        self.files = Some(files);
        self
    }

    /// An error when the file at `path`, as the step names it, is to be sent and is not what the reviewed plan says.
    pub fn check_file(&self, path: &Path, bytes: &[u8]) -> Result<(), StepError> {
        let planned = self.files.as_ref().and_then(|files| files.get(path));
        match planned {
            Some(planned) if *planned != format!("{:x}", Sha256::digest(bytes)) => {
                let what = format!("{} is not what it was when the plan was made", path.display());
                Err(StepError::new(ErrorKind::Unplanned, what)
                    .detail("It was not sent.")
                    .help("look at what would be done now, and save it again: `arcbook plan -out FILE`"))
            }
            _ => Ok(()),
        }
    }

    /// Says what was there before the change was first about to be made.
    #[must_use]
    pub fn after(mut self, before: Option<PriorState>) -> Self {
        self.before = before;
        self
    }

    /// What was there before the change was first about to be made, in this run or in one that it resumes; none when it
    /// was not.
    #[must_use]
    pub fn before(&self) -> Option<PriorState> {
        self.before
    }

    /// Says which runs may have made the change or are to make it: this one first, then those that it resumes.
    #[must_use]
    pub fn in_runs(mut self, runs: impl Into<Arc<[String]>>) -> Self {
        self.runs = runs.into();
        self
    }

    /// The name of the run that is to make the change; none when no run was about to.
    #[must_use]
    pub fn run(&self) -> Option<&str> {
        self.runs.first().map(String::as_str)
    }

    /// Whether the run of that name is this one or one that it resumes, when one of them was about to make the change.
    #[must_use]
    pub fn is_own(&self, run: &str) -> bool {
        self.runs.iter().any(|own| own == run)
    }

    /// Says which changes could not be taken back before this one.
    #[must_use]
    pub fn having_left(mut self, left: impl Into<Arc<[Left]>>) -> Self {
        self.left = left.into();
        self
    }

    /// The steps whose change on something in the collection at `url` could not be taken back before.
    pub fn left_within(&self, url: &str) -> impl Iterator<Item = &str> {
        let is_within =
            move |target: &String| target.strip_prefix(url).is_some_and(|rest| rest.starts_with('/'));
        self.left.iter().filter(move |left| left.target.iter().any(is_within)).map(|left| left.step.as_str())
    }

    /// Says what the step gave when an earlier run made the change, as far as its record tells.
    #[must_use]
    pub fn made(mut self, outputs: Entries) -> Self {
        self.made = Some(Arc::new(outputs));
        self
    }

    /// What the step gave when an earlier run made the change, as far as its record tells; none when no run is known to
    /// have made it.
    #[must_use]
    pub fn recorded(&self) -> Option<&Entries> {
        self.made.as_deref()
    }

    /// Lets each request be sent once: the step is tried again as a whole when one fails.
    #[must_use]
    pub fn sending_once(mut self) -> Self {
        self.sends_once = true;
        self
    }

    /// Whether a request that fails is not sent again, since the step is tried again as a whole.
    #[must_use]
    pub fn sends_once(&self) -> bool {
        self.sends_once
    }

    /// The step's address, such as `step.keyvault_secret.db`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The directory that relative paths start from: that of the runbook.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The secrets of the run; whoever gets hold of one adds it before doing anything else with it.
    #[must_use]
    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// Tells of progress.
    pub fn report(&self, progress: Progress) {
        (self.report)(progress);
    }
}
