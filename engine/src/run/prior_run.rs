//! The changes of earlier runs, as their records tell.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::plan::SelectionFacts;
use crate::step::{Change, PriorState, Setting};

use super::intent::is_same_target;
use super::{Intent, Lineage};

/// What a run, and the runs that it resumed, did to the world.
#[derive(Clone, Debug)]
pub struct PriorRun {
    /// The run and the digest of its record.
    pub lineage: Lineage,
    /// The names of the run and of those that it resumed, the newest first.
    pub runs: Vec<String>,
    /// Whether the run ended with everything done.
    pub done: bool,
    /// The name of the runbook.
    pub runbook: String,
    /// The directory of the runbook.
    pub directory: String,
    /// What the seals were made with.
    pub salt: String,
    /// The seals of the sensitive variables.
    pub seals: BTreeMap<String, String>,
    /// The part of the runbook that it ran.
    pub selection: SelectionFacts,
    /// The world that it acted on.
    pub setting: Setting,
    /// Who it acted as; none when it got no token that says so.
    pub principal: Option<Principal>,
    /// The changes that were begun and not certainly left undone.
    pub changes: RecordedChanges,
}

/// Who a run acted as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The audience of a token that said so.
    pub audience: String,
    /// What the tokens said.
    pub facts: Setting,
}

/// Changes that were begun, by the addresses of their steps: for each address one a target.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RecordedChanges(BTreeMap<String, Vec<RecordedChange>>);

/// A change that was begun.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordedChange {
    /// The address of the step.
    pub step: String,
    /// The run that began it, the last one of several.
    pub run: String,
    /// The type of the step.
    pub step_type: String,
    /// What the step was to change, and with what arguments.
    pub intent: Intent,
    /// What was there before the step first changed it.
    pub before: PriorState,
    /// Its place in the order in which changes were begun and made.
    pub at: usize,
    /// What it came to; none when nobody knows whether it was made.
    pub outcome: Option<ChangeOutcome>,
    /// What an earlier change of the step on the same target came to, while this one's outcome is not known.
    pub standing: Option<ChangeOutcome>,
}

/// What a change came to.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangeOutcome {
    /// What it did to the world.
    pub change: Change,
    /// What the step gave, as it is shown.
    pub outputs: Json,
    /// Whether the step was done with it: what it waits for had come about, and what must hold afterwards held.
    pub good: bool,
}

impl RecordedChanges {
    /// All of them, in the order of their addresses.
    pub fn iter(&self) -> impl Iterator<Item = &RecordedChange> {
        self.0.values().flatten()
    }

    /// Those of the step at an address, the oldest first: one for each target.
    #[must_use]
    pub fn of(&self, step: &str) -> &[RecordedChange] {
        self.0.get(step).map_or(&[], Vec::as_slice)
    }

    /// The one of the step at an address on a target.
    #[must_use]
    pub fn on(&self, step: &str, target: &[String]) -> Option<&RecordedChange> {
        self.of(step).iter().find(|recorded| is_same_target(&recorded.intent.target, target))
    }

    /// Takes a change out.
    pub fn take(&mut self, step: &str, target: &[String]) -> Option<RecordedChange> {
        let changes = self.0.get_mut(step)?;
        let at = changes.iter().position(|recorded| is_same_target(&recorded.intent.target, target))?;
        Some(changes.remove(at))
    }

    /// Takes a change in, which no other of its step and target is there of.
    pub fn put(&mut self, recorded: RecordedChange) {
        self.0.entry(recorded.step.clone()).or_default().push(recorded);
    }
}

impl PriorRun {
    /// The changes that were made, the newest first.
    #[must_use]
    pub fn made(&self) -> Vec<(&RecordedChange, &ChangeOutcome)> {
        let made = self.changes.iter().filter_map(|recorded| Some((recorded, recorded.outcome.as_ref()?)));
        let mut made: Vec<(&RecordedChange, &ChangeOutcome)> = made.collect();
        made.sort_by_key(|(recorded, _)| std::cmp::Reverse(recorded.at));
        made
    }

    /// The changes of which nobody knows whether they were made.
    pub fn unconfirmed(&self) -> impl Iterator<Item = &RecordedChange> {
        self.changes.iter().filter(|recorded| recorded.outcome.is_none())
    }

    /// Whether a later change of another step went to the same target.
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
