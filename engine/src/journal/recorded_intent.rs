//! Describes a change that a step was about to make.

use std::collections::BTreeMap;

use crate::plan::{PlannedChange, ShownValue};
use crate::run::{Event, Record};
use crate::step::PriorState;

/// A change that a step was about to make.
#[derive(Clone, Copy, Debug)]
pub struct RecordedIntent<'a> {
    /// The sequence number of the event.
    pub seq: u64,
    /// The state before the change.
    pub before: PriorState,
    /// The change, as a plan shows it.
    pub change: Option<&'a PlannedChange>,
    /// The fingerprint of the arguments, except those that differ in every run.
    pub fingerprint: &'a str,
    /// The arguments whose text appears in the target.
    pub arguments: &'a BTreeMap<String, String>,
    /// The content of the object before the change.
    pub prior: Option<&'a ShownValue>,
    /// The file that keeps the prior content.
    pub kept: Option<&'a str>,
    /// The proof that the change was going to leave.
    pub proof: Option<&'a ShownValue>,
}

impl<'a> RecordedIntent<'a> {
    /// Returns the change of an event; none if the event is another one.
    pub(super) fn of(record: &'a Record) -> Option<Self> {
        let Event::ChangeIntended { before, fingerprint, arguments, change, prior, kept, proof, .. } =
            &record.event
        else {
            return None;
        };
        Some(Self {
            seq: record.seq,
            before: *before,
            change: change.as_deref(),
            fingerprint,
            arguments,
            prior: prior.as_deref(),
            kept: kept.as_deref(),
            proof: proof.as_deref(),
        })
    }
}
