//! Keeps the steps that have started and not ended.

use std::collections::{HashMap, HashSet};

use super::aim::Aim;
use super::partial_outcome::PartialOutcome;
use super::step_retries::StepRetries;
use crate::graph::NodeId;
use crate::plan::ArgumentMarks;
use crate::step::{ArgumentValues, Behavior, Effect, PriorState, StepError};

/// A step that has started and not ended.
pub(super) struct Begun<'a> {
    /// The attempts so far.
    pub step_retries: StepRetries,
    /// The arguments of further attempts; none if there is only one.
    pub arguments: Option<ArgumentValues>,
    /// Its effect, and that of repeating it.
    pub behavior: Behavior,
    /// The marks that its outputs inherit.
    pub marks: ArgumentMarks,
    /// The error of the last attempt, if it failed.
    pub last: Option<StepError>,
    /// The effects of the attempts so far.
    pub partial_outcome: PartialOutcome,
    /// The intended change, compared with that of an earlier run.
    pub aim: Aim<'a>,
}

/// The steps that have started and not ended, and the changes that may have been sent.
#[derive(Default)]
pub(super) struct InFlight<'a> {
    begun: HashMap<NodeId, Begun<'a>>,
    /// The steps among `begun` that wait for their next attempt.
    parked: HashSet<NodeId>,
    /// The steps whose change may have been sent, with the state before it.
    intended: HashMap<NodeId, PriorState>,
    /// The operations that the services of steps work on, by their URLs.
    operations: HashMap<NodeId, String>,
}

impl<'a> InFlight<'a> {
    /// Adds a step that starts.
    pub fn begin(&mut self, id: NodeId, begun: Begun<'a>) {
        self.begun.insert(id, begun);
    }

    /// Returns true if a step has started and not ended.
    pub fn has(&self, id: NodeId) -> bool {
        self.begun.contains_key(&id)
    }

    /// Returns a step that has started and not ended.
    pub fn get(&self, id: NodeId) -> Option<&Begun<'a>> {
        self.begun.get(&id)
    }

    /// Returns a step that has started and not ended, to change it.
    pub fn get_mut(&mut self, id: NodeId) -> Option<&mut Begun<'a>> {
        self.begun.get_mut(&id)
    }

    /// Returns the marks that the outputs of a step inherit.
    pub fn marks(&self, id: NodeId) -> ArgumentMarks {
        self.get(id).map(|begun| begun.marks.clone()).unwrap_or_default()
    }

    /// Returns the effect of a step.
    pub fn effect(&self, id: NodeId) -> Effect {
        self.get(id).map_or(Effect::Nothing, |begun| begun.behavior.effect)
    }

    /// Removes a step that ends. The state before its change stays known.
    pub fn end(&mut self, id: NodeId) {
        self.begun.remove(&id);
    }

    /// Records that a step waits for its next attempt.
    pub fn park(&mut self, id: NodeId) {
        self.parked.insert(id);
    }

    /// Records that a step no longer waits for its next attempt.
    pub fn unpark(&mut self, id: NodeId) {
        self.parked.remove(&id);
    }

    /// Returns true if a step waits for its next attempt.
    pub fn is_parked(&self, id: NodeId) -> bool {
        self.parked.contains(&id)
    }

    /// Records that a step intends a change of a target in the state `found`; returns the state before its first
    /// attempt.
    pub fn intend(&mut self, id: NodeId, found: PriorState) -> PriorState {
        *self.intended.entry(id).or_insert(found)
    }

    /// Records the operation that the service of a step works on, or its end.
    pub fn operate(&mut self, id: NodeId, operation: Option<String>) {
        match operation {
            Some(operation) => drop(self.operations.insert(id, operation)),
            None => drop(self.operations.remove(&id)),
        }
    }

    /// Returns the operation that the service of a step works on.
    pub fn operation(&self, id: NodeId) -> Option<&str> {
        self.operations.get(&id).map(String::as_str)
    }

    /// Returns the state before the change of a step that may have been sent.
    pub fn intended(&self, id: NodeId) -> Option<PriorState> {
        self.intended.get(&id).copied()
    }
}
