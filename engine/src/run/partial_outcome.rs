//! What a step did before it failed.

use serde_json::Value as Json;

use crate::plan::{Marking, to_public_json};
use crate::step::{Change, Outcome};
use crate::value::Value;

/// What the attempts at a step have left behind, should it fail.
#[derive(Default)]
pub(super) struct PartialOutcome {
    /// Whether a change was sent and nobody knows whether it was made.
    pub uncertain: bool,
    /// What they did to the world, when they did something.
    pub change: Option<Change>,
    /// What they gave then, without anything sensitive.
    pub outputs: Option<Json>,
}

impl PartialOutcome {
    /// What there is to say of a step that gave this, should it fail from here on.
    pub fn of(marking: Marking<'_>, outcome: &Outcome) -> Self {
        if outcome.change == Change::None {
            return Self::default();
        }
        let outputs = outcome.outputs.iter();
        let outputs = outputs
            .map(|(name, value)| (name.to_string(), to_public_json(&marking.output(name, value.clone()))));
        Self { uncertain: false, change: Some(outcome.change), outputs: Some(outputs.collect()) }
    }

    /// Adds an attempt that gave something, `object` being all of it: what the first one created stays created.
    pub fn add(&mut self, attempt: Self, object: Option<&Value>) {
        self.uncertain = false;
        self.change = self.change.or(attempt.change);
        if self.change.is_some() {
            self.outputs = object.map(to_public_json).or(attempt.outputs).or(self.outputs.take());
        }
    }
}
