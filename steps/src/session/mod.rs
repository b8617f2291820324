//! The session of a running step, which performs its declared actions.

mod exec;
mod files;
mod http;
mod local;
mod memory;
mod operation;
mod pages;
mod probe;
mod sql;
mod transfer;

use std::sync::Arc;
use std::time::Duration;

use arcbook_engine::step::{Action, ActionFacts, Context, ErrorKind, PriorState, Progress, StepError};
use arcbook_engine::value::Value;
use sha2::{Digest as _, Sha256};

use crate::azure::Azure;

pub(crate) use exec::Input;
pub(crate) use files::body_of;
pub(crate) use memory::Memory;
pub(crate) use operation::Operation;
pub(crate) use pages::ListAdvice;
pub(crate) use sql::Sql;
pub(crate) use transfer::{BlockRequest, Transfer};

/// The session of one running step: it performs the actions that the step declared, and no others.
pub struct Session {
    azure: Arc<Azure>,
    context: Context,
    actions: Vec<Action>,
    memory: Memory,
}

impl Session {
    /// Creates the session of a step that declared `actions`.
    #[must_use]
    pub fn new(azure: Arc<Azure>, context: Context, actions: Vec<Action>) -> Self {
        Self { azure, context, actions, memory: Memory::default() }
    }

    /// Shares `memory` with the other sessions of the same attempt.
    #[must_use]
    pub(crate) fn sharing(mut self, memory: &Memory) -> Self {
        self.memory = memory.clone();
        self
    }

    /// Remembers the version of the object that the lookup found, for the change that follows.
    pub(crate) fn remember(&self, version: Option<String>) {
        self.memory.set_version(version);
    }

    /// Returns the version of the object that the lookup of this attempt found, if there is one.
    pub(crate) fn remembered(&self) -> Option<String> {
        self.memory.version()
    }

    /// Remembers the proof that the change is going to leave, for the record of the intent.
    pub(crate) fn expect(&self, proof: Option<Value>) {
        self.memory.set_proof(proof);
    }

    /// Returns true if all results of the step are secrets.
    pub(crate) fn is_sensitive(&self) -> bool {
        self.context.is_sensitive()
    }

    /// Returns the Azure clients of the step's actions.
    pub(crate) fn azure(&self) -> &Azure {
        &self.azure
    }

    /// Returns the state before the change was first attempted; none if it was not attempted yet.
    #[must_use]
    pub fn before(&self) -> Option<PriorState> {
        self.context.before()
    }

    /// Returns the name of the run that is to make the change, if any.
    #[must_use]
    pub fn run(&self) -> Option<&str> {
        self.context.run()
    }

    /// Returns the name of the first run of the chain that is to make the change.
    pub(crate) fn first_run(&self) -> &str {
        self.context.first_run().unwrap_or("run")
    }

    /// Returns a name for an object that the step makes in this chain of runs, which nothing else has: 16 hexadecimal
    /// digits.
    pub(crate) fn own_name(&self) -> String {
        let digest = Sha256::digest(format!("{}\0{}", self.first_run(), self.context.address()));
        let hexadecimal = format!("{digest:x}");
        hexadecimal.chars().take(16).collect()
    }

    /// Records that the change was sent, and that its end can be read at `place`.
    pub(crate) async fn sent_to(&self, place: &str) -> Result<(), StepError> {
        self.context.accepted(place).await
    }

    /// Returns whether `run`, the name in an object's metadata, is this run or one that it resumes or undoes.
    #[must_use]
    pub fn is_own(&self, run: Option<&str>) -> bool {
        run.is_some_and(|run| self.context.is_own(run))
    }

    /// Returns the output `name` that an earlier run recorded when it made the change; none if no run is
    /// known to have made it, or its record does not contain that output.
    #[must_use]
    pub fn recorded(&self, name: &str) -> Option<&Value> {
        self.context.recorded()?.get(name)
    }

    /// Returns the URL of the operation that an earlier run started and did not see the end of.
    #[must_use]
    pub fn operation(&self) -> Option<&str> {
        self.context.operation()
    }

    /// Returns the steps whose changes within the collection at `url` could not be undone.
    pub fn left_within(&self, url: &str) -> impl Iterator<Item = &str> {
        self.context.left_within(url)
    }

    /// Returns a text without the secrets known so far.
    pub(crate) fn redacted(&self, text: &str) -> String {
        self.context.secrets().redact(text).into_owned()
    }

    /// Lets the time pass that `left` returns, and asks it again at least each `look`.
    pub(crate) async fn pass_time(&self, look: Duration, mut left: impl FnMut() -> Duration + Send) {
        let whole = left();
        if whole.is_zero() {
            return;
        }
        let milliseconds = u64::try_from(whole.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX);
        self.context.report(Progress::Waiting { left: Duration::from_millis(milliseconds) });
        self.context.wait_while(|| Some(left().min(look)).filter(|left| !left.is_zero())).await;
    }

    /// Redacts `secret` in all output from now on.
    pub(crate) fn secret(&self, secret: &str) {
        self.context.secrets().add(secret);
    }

    /// Notes that `action`, a declared request, created its object, which services may not show everywhere yet.
    pub(crate) fn created(&self, action: &Action) {
        if let Ok(url) = self.declared(action) {
            self.azure.lag().create(&url);
        }
    }

    /// Notes that the step gave `holder`, an object id, a right, which takes effect after a while.
    pub(crate) fn granted(&self, holder: &str, is_group: bool) {
        self.azure.lag().grant(holder);
        if is_group {
            self.azure.lag().grant_group();
        }
    }

    /// Returns an error if the step did not declare `action`.
    fn check(&self, action: &Action) -> Result<(), StepError> {
        // The step declared an action before it knew the part that it makes from the name of the run.
        let admits = |declared: &Action| !declared.is_known() && action.is_known() && declared.admits(action);
        let is_declared = self.actions.contains(action) || self.actions.iter().any(admits);
        if is_declared { Ok(()) } else { Err(undeclared(action)) }
    }
}

/// Describes `action` in one line, such as `GET https://…`, without sensitive parts.
pub(crate) fn line(action: &Action) -> String {
    ActionFacts::brief(action).line()
}

fn undeclared(action: &Action) -> StepError {
    StepError::new(ErrorKind::Forbidden, "the step performs an action that it did not declare")
        .detail("A run performs the actions of its plan and no others.")
        .request(line(action))
        .help("this is a bug in the step type; report it")
}
