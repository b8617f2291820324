//! Defines the outputs of the futures of nodes.

use super::step_retries::Limit;
use crate::step::{Existing, Outcome, StepError, Token, Work};

/// An attempt that is about to change something.
pub(super) struct Attempt {
    pub work: Box<dyn Work>,
    pub limit: Option<Limit>,
}

/// The output of the future of a node.
pub(super) enum Ended {
    /// The existing state before an attempt.
    Existing(Box<Attempt>, Box<Result<Existing, StepError>>),
    /// The result of an attempt of a step.
    Step(Box<Result<Outcome, StepError>>),
    /// A token.
    Token(Result<Token, StepError>),
    /// The delay before the next attempt of a step has passed.
    Rest,
}
