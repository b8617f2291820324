//! Tracks the effects of a step that may still fail.

use crate::plan::{Marking, Named, ShownValue};
use crate::step::{Change, Outcome};
use crate::value::Value;

/// The effects of the attempts of a step, reported if it fails.
#[derive(Default)]
pub(super) struct PartialOutcome {
    /// True if an attempt sent a change and its outcome is unknown.
    pub uncertain: bool,
    /// The change that the attempts made, if any.
    pub change: Option<Change>,
    /// The outputs of that change, without sensitive values.
    pub outputs: Option<Named>,
    /// The proof of that change.
    pub receipt: Option<Box<ShownValue>>,
}

impl PartialOutcome {
    /// Returns the effects of one attempt with this outcome.
    pub fn of(marking: Marking<'_>, outcome: &Outcome) -> Self {
        if outcome.change == Change::None {
            return Self::default();
        }
        let outputs = outcome.outputs.iter();
        let outputs: Vec<_> =
            outputs.map(|(name, value)| (&**name, marking.output(name, value.clone()))).collect();
        let outputs = outputs.iter().map(|(name, value)| (*name, value)).collect();
        let receipt = outcome.receipt.as_ref().map(|receipt| Box::new(ShownValue::from(receipt)));
        Self { uncertain: false, change: Some(outcome.change), outputs: Some(outputs), receipt }
    }

    /// Adds an attempt with the result `object`. An object created by an earlier attempt stays created.
    pub fn add(&mut self, attempt: Self, object: Option<&Value>) {
        self.uncertain = false;
        self.change = self.change.or(attempt.change);
        self.receipt = attempt.receipt.or(self.receipt.take());
        if self.change.is_some() {
            self.outputs = object.map(Named::of_object).or(attempt.outputs).or(self.outputs.take());
        }
    }
}
