//! What an earlier run did, as its record tells.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::plan::SelectionFacts;
use crate::step::{Before, Change};

use super::Lineage;

/// What a run, and the runs that it resumed, did to the world.
#[derive(Clone, Debug)]
pub struct Past {
    /// The run and the digest of its record.
    pub lineage: Lineage,
    /// The name of the runbook.
    pub runbook: String,
    /// The directory of the runbook.
    pub directory: String,
    /// The values of the variables, as they are shown.
    pub variables: Json,
    /// What the seals were made with.
    pub salt: String,
    /// The seals of the sensitive variables.
    pub seals: BTreeMap<String, String>,
    /// The part of the runbook that it ran.
    pub selection: SelectionFacts,
    /// The changes that were begun and not certainly left undone, by the addresses of their steps.
    pub deeds: BTreeMap<String, Deed>,
}

/// A change that was begun.
#[derive(Clone, Debug, PartialEq)]
pub struct Deed {
    /// The run that began it.
    pub run: String,
    /// The type of the step.
    pub step_type: String,
    /// The digest of what the step was made of.
    pub definition: String,
    /// What was there before.
    pub before: Before,
    /// What it came to; none when nobody knows whether it was made.
    pub outcome: Option<DeedOutcome>,
}

/// What a change came to.
#[derive(Clone, Debug, PartialEq)]
pub struct DeedOutcome {
    /// What it did to the world.
    pub change: Change,
    /// What the step gave, as it is shown.
    pub outputs: Json,
    /// Its place in the order in which changes were made.
    pub at: usize,
    /// Whether the step was done with it: what it waits for had come about, and what must hold afterwards held.
    pub good: bool,
}

impl Past {
    /// The changes that were made, the newest first.
    #[must_use]
    pub fn made(&self) -> Vec<(&str, &Deed, &DeedOutcome)> {
        let mut made: Vec<_> = self
            .deeds
            .iter()
            .filter_map(|(address, deed)| Some((address.as_str(), deed, deed.outcome.as_ref()?)))
            .collect();
        made.sort_by_key(|(_, _, outcome)| std::cmp::Reverse(outcome.at));
        made
    }

    /// The steps of which nobody knows whether they made their change.
    pub fn unconfirmed(&self) -> impl Iterator<Item = &str> {
        let unconfirmed = self.deeds.iter().filter(|(_, deed)| deed.outcome.is_none());
        unconfirmed.map(|(address, _)| address.as_str())
    }
}
