//! When a step is done, how often it is tried, and what follows when it fails.

use serde::{Deserialize, Serialize};

use crate::redact::Redact;
use crate::source::Span;
use crate::syntax::Expression;

/// When a step is done, how often it is tried, and what follows when it fails.
#[derive(Clone, Debug, Default)]
pub struct Control {
    /// Whether it is done at all.
    pub when: Option<Expression>,
    /// After what it is done.
    pub run_on: RunOn,
    /// How long it may take, all its attempts together, such as `"30s"`.
    pub timeout: Option<Expression>,
    /// Whether and when a failed attempt is followed by another one.
    pub retry: Option<Box<Retry>>,
    /// What it is repeated for.
    pub until: Option<Box<Until>>,
    /// Whether its failure stops what waits for it.
    pub on_error: OnError,
}

/// After what a step is done: `run_on`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Redact)]
#[serde(rename_all = "snake_case")]
pub enum RunOn {
    /// Everything that it waits for went well.
    #[default]
    Success,
    /// Something that it waits for failed, or was not done because the run was stopped.
    Failure,
    /// Everything that it waits for is over, however it went.
    Always,
}

impl RunOn {
    /// The word for it in a runbook.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Always => "always",
        }
    }

    /// Whether it is done even when the run was stopped.
    #[must_use]
    pub const fn is_cleanup(self) -> bool {
        matches!(self, Self::Failure | Self::Always)
    }
}

/// What follows when a step fails: `on_error`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Redact)]
#[serde(rename_all = "snake_case")]
pub enum OnError {
    /// The run fails, and what waits for the step is not done.
    #[default]
    Stop,
    /// The run goes on, with nulls for what the step would have given.
    Continue,
}

/// `retry { … }`.
#[derive(Clone, Debug)]
pub struct Retry {
    /// How often the step is tried in all.
    pub attempts: Option<Expression>,
    /// How long one attempt may take.
    pub timeout: Option<Expression>,
    /// How long it waits between attempts.
    pub backoff: Backoff,
    /// After which failures it is tried again.
    pub on: Option<Expression>,
    /// Whether an attempt that went well is followed by another one; looks at `self`.
    pub condition: Option<Expression>,
    /// The word that the block begins with.
    pub header: Span,
}

/// `until { … }`.
#[derive(Clone, Debug)]
pub struct Until {
    /// Must be true of `self` for the step to be done.
    pub condition: Expression,
    /// How often the step is done in all.
    pub attempts: Option<Expression>,
    /// How long it is repeated.
    pub timeout: Option<Expression>,
    /// How long it waits in between.
    pub backoff: Backoff,
    /// The word that the block begins with.
    pub header: Span,
}

/// How long is waited between attempts.
#[derive(Clone, Debug, Default)]
pub struct Backoff {
    /// The first wait.
    pub delay: Option<Expression>,
    /// The longest wait.
    pub max_delay: Option<Expression>,
    /// How much longer each wait is than the one before.
    pub factor: Option<Expression>,
    /// Which share of each wait is left to chance.
    pub jitter: Option<Expression>,
}

impl Control {
    /// Whether the step gives something whenever what comes after it is run.
    #[must_use]
    pub fn always_gives(&self) -> bool {
        self.on_error == OnError::Stop && self.run_on != RunOn::Failure
    }

    /// Its expressions that are evaluated before the step is done.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        let retry = self.retry.iter().flat_map(|retry| {
            let Retry { attempts, timeout, backoff, on, .. } = &**retry;
            attempts.iter().chain(timeout).chain(on).chain(backoff.expressions())
        });
        let until = self.until.iter().flat_map(|until| {
            let Until { attempts, timeout, backoff, .. } = &**until;
            attempts.iter().chain(timeout).chain(backoff.expressions())
        });
        self.when.iter().chain(&self.timeout).chain(retry).chain(until)
    }

    /// Its conditions that look at what the step gave.
    pub fn conditions(&self) -> impl Iterator<Item = &Expression> {
        let retry = self.retry.iter().filter_map(|retry| retry.condition.as_ref());
        retry.chain(self.until.iter().map(|until| &until.condition))
    }
}

impl Backoff {
    fn expressions(&self) -> impl Iterator<Item = &Expression> {
        let Self { delay, max_delay, factor, jitter } = self;
        delay.iter().chain(max_delay).chain(factor).chain(jitter)
    }
}
