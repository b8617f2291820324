//! Defines how a prepared step behaves.

use super::{Action, Effect, Safety};

/// The effect of a prepared step, which may depend on its arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Behavior {
    /// The effect.
    pub effect: Effect,
    /// True if repeating the step has no further effect.
    pub repeatable: bool,
}

impl Behavior {
    /// Returns the behavior of a step that performs these actions.
    #[must_use]
    pub fn of(actions: &[Action]) -> Self {
        let worst = actions.iter().map(|action| action.safety).max();
        let effect = match worst {
            None => Effect::Nothing,
            Some(Safety::Reads) => Effect::Reads,
            Some(Safety::Idempotent | Safety::Once) => Effect::Changes,
        };
        Self { effect, repeatable: worst != Some(Safety::Once) }
    }
}
