//! Defines the changes of earlier runs, as read from their journals.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::{Named, SelectionFacts, ShownValue};
use crate::step::{Change, PriorState, Setting, Title};

use super::intent::is_same_target;
use super::{Intent, Lineage};

/// The changes that a run, and the runs that it resumed, made.
#[derive(Clone, Debug)]
pub struct PriorRun {
    /// The name of the run and the digest of its journal.
    pub lineage: Lineage,
    /// The names of the run and of those that it resumed, newest first.
    pub runs: Vec<String>,
    /// True if the run completed successfully.
    pub done: bool,
    /// The name of the runbook.
    pub runbook: String,
    /// The directory of the runbook.
    pub directory: String,
    /// The salt of the seals.
    pub salt: String,
    /// The names of the variables.
    pub variables: BTreeSet<String>,
    /// The seals of the sensitive variables.
    pub seals: BTreeMap<String, String>,
    /// The selected part of the runbook.
    pub selection: SelectionFacts,
    /// The place that keeps the record of the run, if it leaves the machine.
    pub ships_to: Option<String>,
    /// The environment that the run acted on.
    pub setting: Setting,
    /// The principals of the run as far as tokens named them, by the address of the identity, or `machine`.
    pub principals: BTreeMap<String, Principal>,
    /// The declared identities of the run, by address.
    pub identities: BTreeMap<String, RecordedIdentity>,
    /// The changes that were begun, except those known not to have been made.
    pub changes: RecordedChanges,
}

/// An identity that a run evaluated.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordedIdentity {
    /// The kind.
    pub kind: String,
    /// The arguments, without secrets.
    pub arguments: Named,
}

/// The principal of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The audience of a token that named the principal.
    pub audience: String,
    /// The facts in the tokens.
    pub facts: Setting,
}

/// The recorded changes by step address, one per target.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RecordedChanges(BTreeMap<String, Vec<RecordedChange>>);

/// A change that was begun.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordedChange {
    /// The address of the step.
    pub step: String,
    /// The run that began the change; the last one of several.
    pub run: String,
    /// The type of the step.
    pub step_type: String,
    /// The address of the identity as which it acted, or `machine`; none if it needed no token.
    pub acts_as: Option<String>,
    /// The object that the step changed, in words.
    pub title: Title,
    /// The intended change.
    pub intent: Intent,
    /// True if all actions of the step work on this machine or in a database, so that the change needs no service of Azure.
    pub is_local: bool,
    /// The state before the first change of the step.
    pub before: PriorState,
    /// The content of the object before the first change of the step, if the record has it.
    pub prior: Option<Box<ShownValue>>,
    /// The file that keeps the prior content.
    pub kept: Option<String>,
    /// The proof that the change was going to leave.
    pub proof: Option<Box<ShownValue>>,
    /// The operation that the service worked on when the run ended.
    pub operation: Option<String>,
    /// True if the service had started an operation for the change, whatever became of it.
    pub is_accepted: bool,
    /// The position in the order in which changes were begun and made.
    pub at: u64,
    /// The outcome; none if it is unknown.
    pub outcome: Option<ChangeOutcome>,
    /// The outcome of an earlier change of the step on the same target, if that of this change is unknown.
    pub standing: Option<ChangeOutcome>,
}

/// The outcome of a change.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangeOutcome {
    /// The change that was made.
    pub change: Change,
    /// The outputs.
    pub outputs: Named,
    /// The proof of the change.
    pub receipt: Option<Box<ShownValue>>,
    /// True if the step succeeded: its `until` condition and its postconditions held.
    pub good: bool,
}

impl RecordedChange {
    /// Returns true if the identity at that address made the change, or if the record does not say which one did.
    #[must_use]
    pub fn is_by(&self, acts_as: Option<&str>) -> bool {
        self.acts_as.is_none() || self.acts_as.as_deref() == acts_as
    }
}

impl RecordedChanges {
    /// Returns true if there is no change.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// Returns all changes in the order of their addresses.
    pub fn iter(&self) -> impl Iterator<Item = &RecordedChange> {
        self.0.values().flatten()
    }

    /// Returns the changes of the step at an address, oldest first, one per target.
    #[must_use]
    pub fn of(&self, step: &str) -> &[RecordedChange] {
        self.0.get(step).map_or(&[], Vec::as_slice)
    }

    /// Returns the change of the step at an address on a target.
    #[must_use]
    pub fn on(&self, step: &str, target: &[String]) -> Option<&RecordedChange> {
        self.of(step).iter().find(|recorded| is_same_target(&recorded.intent.target, target))
    }

    /// Removes a change.
    pub fn take(&mut self, step: &str, target: &[String]) -> Option<RecordedChange> {
        let changes = self.0.get_mut(step)?;
        let at = changes.iter().position(|recorded| is_same_target(&recorded.intent.target, target))?;
        Some(changes.remove(at))
    }

    /// Records the operation that the service works on for a change; none if it has ended.
    pub fn operate(&mut self, step: &str, target: &[String], operation: Option<&str>) {
        let changes = self.0.get_mut(step).map_or(&mut [][..], Vec::as_mut_slice);
        let on = changes.iter_mut().find(|recorded| is_same_target(&recorded.intent.target, target));
        if let Some(recorded) = on {
            recorded.operation = operation.map(str::to_owned);
            recorded.is_accepted = true;
        }
    }

    /// Adds a change; there must be no other one of its step and target.
    pub fn put(&mut self, recorded: RecordedChange) {
        self.0.entry(recorded.step.clone()).or_default().push(recorded);
    }
}

impl PriorRun {
    /// Returns the changes that were made, newest first.
    #[must_use]
    pub fn made(&self) -> Vec<(&RecordedChange, &ChangeOutcome)> {
        let made = self.changes.iter().filter_map(|recorded| Some((recorded, recorded.outcome.as_ref()?)));
        let mut made: Vec<(&RecordedChange, &ChangeOutcome)> = made.collect();
        made.sort_by_key(|(recorded, _)| std::cmp::Reverse(recorded.at));
        made
    }

    /// Returns true if a change was made, or may have been, that needed no service of Azure.
    #[must_use]
    pub fn has_local_changes(&self) -> bool {
        self.changes.iter().any(|recorded| recorded.is_local)
    }

    /// Returns the changes whose outcome is unknown.
    pub fn unconfirmed(&self) -> impl Iterator<Item = &RecordedChange> {
        self.changes.iter().filter(|recorded| recorded.outcome.is_none())
    }

    /// Returns true if another step changed the same target later.
    #[must_use]
    pub fn is_superseded(&self, recorded: &RecordedChange) -> bool {
        let target = &recorded.intent.target;
        let is_later = |other: &RecordedChange| {
            other.at > recorded.at
                && other.step != recorded.step
                && !target.is_empty()
                && is_same_target(&other.intent.target, target)
        };
        self.changes.iter().any(is_later)
    }
}
