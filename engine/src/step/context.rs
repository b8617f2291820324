//! Defines the context of a running step.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::sync::oneshot;

use crate::redact::Secrets;
use crate::value::Entries;

use super::{ErrorKind, Identity, PriorState, Progress, Signal, StepError};

/// A change that could not be undone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// The address of its step.
    pub step: String,
    /// The URLs of its requests, without their queries.
    pub target: Vec<String>,
}

/// The context of a running step: its address, its directory, the registry of secrets and the receiver of
/// progress.
#[derive(Clone)]
pub struct Context {
    address: Arc<str>,
    directory: PathBuf,
    secrets: Secrets,
    identity: Option<Arc<dyn Identity>>,
    signal: Arc<dyn Fn(Signal) + Send + Sync>,
    before: Option<PriorState>,
    runs: Arc<[String]>,
    made: Option<Arc<Entries>>,
    operation: Option<Arc<str>>,
    left: Arc<[Left]>,
    sends_once: bool,
    is_sensitive: bool,
    /// The digests of the files to send, as in the reviewed plan, if there is one.
    files: Option<Arc<HashMap<PathBuf, String>>>,
}

impl Context {
    /// Returns the context of the step at `address`, with relative paths based on `directory`.
    pub fn new(
        address: impl Into<Arc<str>>,
        directory: impl Into<PathBuf>,
        secrets: Secrets,
        signal: impl Fn(Signal) + Send + Sync + 'static,
    ) -> Self {
        Self {
            address: address.into(),
            directory: directory.into(),
            secrets,
            identity: None,
            signal: Arc::new(signal),
            before: None,
            runs: Arc::default(),
            made: None,
            operation: None,
            left: Arc::default(),
            sends_once: false,
            is_sensitive: false,
            files: None,
        }
    }

    /// Sets the identity as which the step acts.
    #[must_use]
    pub fn acting_as(mut self, identity: Arc<dyn Identity>) -> Self {
        self.identity = Some(identity);
        self
    }

    /// Returns the identity as which the step acts; an error if it acts as nobody.
    pub fn identity(&self) -> Result<&Arc<dyn Identity>, StepError> {
        self.identity.as_ref().ok_or_else(|| StepError::internal("the step has no identity"))
    }

    /// Restricts the files to send to those of a reviewed plan: the SHA-256, in hexadecimal, by the path as
    /// the step names it.
    #[must_use]
    pub fn sending_only(mut self, files: Arc<HashMap<PathBuf, String>>) -> Self {
        self.files = Some(files);
        self
    }

    /// Returns true if the reviewed plan has a digest of the file at `path`, as the step names it.
    #[must_use]
    pub fn pins_file(&self, path: &Path) -> bool {
        self.files.as_ref().is_some_and(|files| files.contains_key(path))
    }

    /// Returns an error if the content of the file at `path`, as the step names it, differs from the reviewed
    /// plan.
    pub fn check_file(&self, path: &Path, bytes: &[u8]) -> Result<(), StepError> {
        if !self.pins_file(path) {
            return Ok(());
        }
        self.check_digest(path, &format!("{:x}", Sha256::digest(bytes)))
    }

    /// Returns an error if the content of the file at `path`, as the step names it, differs from the reviewed
    /// plan; `sha256` is its digest in hexadecimal.
    pub fn check_digest(&self, path: &Path, sha256: &str) -> Result<(), StepError> {
        match self.files.as_ref().and_then(|files| files.get(path)) {
            Some(planned) if planned != sha256 => {
                let what = format!("{} has changed since the plan was made", path.display());
                Err(StepError::new(ErrorKind::Unplanned, what)
                    .detail("It was not used.")
                    .help("review and save a new plan: `arcbook plan -out FILE`"))
            }
            _ => Ok(()),
        }
    }

    /// Sets the state before the change was first intended.
    #[must_use]
    pub fn after(mut self, before: Option<PriorState>) -> Self {
        self.before = before;
        self
    }

    /// Returns the state before the change was first intended, in this run or in one that it resumes; none if
    /// it was not.
    #[must_use]
    pub fn before(&self) -> Option<PriorState> {
        self.before
    }

    /// Sets the runs that intend the change or may have made it: this one first, then those that it resumes.
    #[must_use]
    pub fn in_runs(mut self, runs: impl Into<Arc<[String]>>) -> Self {
        self.runs = runs.into();
        self
    }

    /// Returns the name of the run that intends the change; none if no run does.
    #[must_use]
    pub fn run(&self) -> Option<&str> {
        self.runs.first().map(String::as_str)
    }

    /// Returns the name of the first run of the chain that intends the change or may have made it; none if no
    /// run does. It stays the same, however often a run is resumed.
    #[must_use]
    pub fn first_run(&self) -> Option<&str> {
        self.runs.last().map(String::as_str)
    }

    /// Returns true if the run with that name is among those that intend the change or may have made it.
    #[must_use]
    pub fn is_own(&self, run: &str) -> bool {
        self.runs.iter().any(|own| own == run)
    }

    /// Sets the changes that could not be undone before this one.
    #[must_use]
    pub fn having_left(mut self, left: impl Into<Arc<[Left]>>) -> Self {
        self.left = left.into();
        self
    }

    /// Returns the steps whose change to something in the collection at `url` could not be undone before.
    pub fn left_within(&self, url: &str) -> impl Iterator<Item = &str> {
        let is_within =
            move |target: &String| target.strip_prefix(url).is_some_and(|rest| rest.starts_with('/'));
        self.left.iter().filter(move |left| left.target.iter().any(is_within)).map(|left| left.step.as_str())
    }

    /// Sets the outputs of the step in an earlier run, as far as they are recorded.
    #[must_use]
    pub fn made(mut self, outputs: Entries) -> Self {
        self.made = Some(Arc::new(outputs));
        self
    }

    /// Returns the outputs of the step in an earlier run, as far as they are recorded; none if no run is
    /// known to have made the change.
    #[must_use]
    pub fn recorded(&self) -> Option<&Entries> {
        self.made.as_deref()
    }

    /// Declares whether all results of the step are secrets.
    #[must_use]
    pub fn sensitive(mut self, is_sensitive: bool) -> Self {
        self.is_sensitive = is_sensitive;
        self
    }

    /// Returns true if all results of the step are secrets: neither the prior state nor the proof of the change holds
    /// any of them, nor a digest.
    #[must_use]
    pub fn is_sensitive(&self) -> bool {
        self.is_sensitive
    }

    /// Disables the retries of single requests: a failure is retried with the whole step.
    #[must_use]
    pub fn sending_once(mut self) -> Self {
        self.sends_once = true;
        self
    }

    /// Returns true if single requests are not retried, since the whole step is.
    #[must_use]
    pub fn sends_once(&self) -> bool {
        self.sends_once
    }

    /// Returns the address of the step, such as `step.keyvault_secret.db`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Returns the runbook's directory, the base of relative paths.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Returns the registry of secrets; a step adds each secret that it receives before any other use of it.
    #[must_use]
    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// Reports progress.
    pub fn report(&self, progress: Progress) {
        (self.signal)(Signal::Progress(progress));
    }

    /// Sets the URL of the operation that an earlier run started and did not see the end of.
    #[must_use]
    pub fn continuing(mut self, operation: Option<&str>) -> Self {
        self.operation = operation.map(Arc::from);
        self
    }

    /// Returns the URL of the operation that an earlier run started and did not see the end of: the step polls
    /// it instead of making the change again.
    #[must_use]
    pub fn operation(&self) -> Option<&str> {
        self.operation.as_deref()
    }

    /// Records that the service accepted the change and works on it at the URL `operation`; returns once the
    /// record is on the disk.
    pub async fn accepted(&self, operation: &str) -> Result<(), StepError> {
        let (stored, answer) = oneshot::channel();
        (self.signal)(Signal::Accepted { operation: operation.to_owned(), stored });
        // Nobody answers outside a run, where nothing is recorded.
        match answer.await {
            Ok(Err(reason)) => Err(StepError::new(ErrorKind::Local, "the record cannot be written")
                .detail(reason)
                .help("check the free space of the disk and the permissions of the directory, then resume the run")
                .uncertain()),
            Ok(Ok(())) | Err(_) => Ok(()),
        }
    }

    /// Records that the operation has ended in `state`, the service's word for it.
    pub fn settled(&self, state: &str) {
        (self.signal)(Signal::Settled { state: state.to_owned() });
    }

    /// Waits without a place under `-parallelism`, and continues when one is free.
    pub async fn wait(&self, time: Duration) {
        let mut left = Some(time);
        self.wait_while(|| left.take()).await;
    }

    /// Waits as [`Self::wait`], again and again for the time that `left` returns, until that is none.
    pub async fn wait_while(&self, mut left: impl FnMut() -> Option<Duration> + Send) {
        (self.signal)(Signal::Waits);
        while let Some(time) = left() {
            tokio::time::sleep(time).await;
        }
        let (free, granted) = oneshot::channel();
        (self.signal)(Signal::Continues(free));
        // Nobody grants places outside a run.
        drop(granted.await);
    }
}
