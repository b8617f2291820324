//! Defines the control settings of a step.

use serde::{Deserialize, Serialize};

use crate::redact::Redact;
use crate::source::{Span, Spanned};
use crate::syntax::Expression;

/// The control settings of a step: its condition, order, limits, repetition and error handling.
#[derive(Clone, Debug, Default)]
pub struct Control {
    /// The condition of the step, if any.
    pub when: Option<Expression>,
    /// The outcomes of dependencies after which the step runs.
    pub run_on: RunOn,
    /// The time limit for all attempts together, such as `"30s"`.
    pub timeout: Option<Expression>,
    /// The settings for retrying failed attempts.
    pub retry: Option<Box<Retry>>,
    /// The settings for repeating the step until a condition holds.
    pub until: Option<Box<Until>>,
    /// The effect of a failure on dependents.
    pub on_error: OnError,
    /// The maximum number of instances that may fail without failing the run: `max_failures`. With it, `on_error` is
    /// [`OnError::Continue`].
    pub max_failures: Option<Expression>,
    /// The maximum number of instances that run at once: `concurrency`.
    pub concurrency: Option<Expression>,
    /// The name of the limit that the step shares with others: `limit`.
    pub limit: Option<Spanned<String>>,
}

/// The outcomes of dependencies after which a step runs: `run_on`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Redact)]
#[serde(rename_all = "snake_case")]
pub enum RunOn {
    /// All dependencies succeeded.
    #[default]
    Success,
    /// A dependency failed, or did not run because the run was stopped.
    Failure,
    /// All dependencies have ended, with any outcome.
    Always,
}

impl RunOn {
    /// Returns the keyword in a runbook.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Always => "always",
        }
    }

    /// Returns true if the step runs even after the run was stopped.
    #[must_use]
    pub const fn is_cleanup(self) -> bool {
        matches!(self, Self::Failure | Self::Always)
    }
}

/// The effect of a failed step: `on_error`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Redact)]
#[serde(rename_all = "snake_case")]
pub enum OnError {
    /// The run fails, and dependents of the step do not run.
    #[default]
    Stop,
    /// The run continues, with null for the result of the step.
    Continue,
}

/// The block `retry { … }`.
#[derive(Clone, Debug)]
pub struct Retry {
    /// The maximum number of attempts, the first included.
    pub attempts: Option<Expression>,
    /// The time limit of one attempt.
    pub timeout: Option<Expression>,
    /// The delays between attempts.
    pub backoff: Backoff,
    /// The failures that are retried.
    pub on: Option<Expression>,
    /// The condition on `self` under which a successful attempt is repeated.
    pub condition: Option<Expression>,
    /// The keyword of the block.
    pub header: Span,
}

/// The block `until { … }`.
#[derive(Clone, Debug)]
pub struct Until {
    /// The condition on `self` that ends the repetition.
    pub condition: Expression,
    /// The maximum number of attempts, the first included.
    pub attempts: Option<Expression>,
    /// The time limit for all repetitions together.
    pub timeout: Option<Expression>,
    /// The delays between repetitions.
    pub backoff: Backoff,
    /// The keyword of the block.
    pub header: Span,
}

/// The delays between attempts.
#[derive(Clone, Debug, Default)]
pub struct Backoff {
    /// The first delay.
    pub delay: Option<Expression>,
    /// The upper limit of a delay.
    pub max_delay: Option<Expression>,
    /// The factor by which each delay grows.
    pub factor: Option<Expression>,
    /// The share of each delay that is random.
    pub jitter: Option<Expression>,
}

impl Control {
    /// Returns true if the step has a result whenever its dependents run.
    #[must_use]
    pub fn always_gives(&self) -> bool {
        self.on_error == OnError::Stop && self.run_on != RunOn::Failure
    }

    /// Returns the expressions that are evaluated before the step runs.
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

    /// Returns the conditions that read the result of the step.
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
