//! Separates a run, which makes changes, from a refresh, which only plans them.

use super::execute::Prepared;
use super::{CriticalPath, Event, Job, Status, Summary};
use crate::graph::NodeId;
use crate::plan::{KnownResult, PlannedChange, State, When};
use crate::runbook::{RunOn, Step};
use crate::step::{Effect, Existing, Outcome, StepError};
use crate::value::Entries;

/// The decisions in which a run and a refresh differ. The dispatcher asks, and acts on the answers; the default
/// answers are those of a run.
pub(super) trait Mode {
    /// Returns the values that are known at the start.
    fn state(&self, job: &Job<'_>) -> State;

    /// Returns the first event.
    fn started(&self, job: &Job<'_>) -> Event;

    /// Returns the `run_on` that applies to a step with this one; none if the step is left out.
    fn run_on(&self, run_on: RunOn) -> Option<RunOn> {
        Some(run_on)
    }

    /// Returns true if cleanup steps continue after the end is requested.
    fn cleans_up(&self) -> bool {
        true
    }

    /// Records that a node starts, which waited for the nodes in `needs`.
    fn starts(&mut self, _id: NodeId, _needs: &mut dyn Iterator<Item = NodeId>) {}

    /// Returns the reason why a prepared step is left alone, if there is one.
    fn leaves(&self, _id: NodeId, _step: &Step, _when: &When, _prepared: &Prepared) -> Option<Unasked> {
        None
    }

    /// Returns true if a token is not requested: whatever needs it asks for it itself.
    fn leaves_token(&self, _id: NodeId) -> bool {
        false
    }

    /// Returns the event that a step with this effect begins; `started` is that of a run.
    fn begun(&self, _effect: Effect, started: Event) -> Event {
        started
    }

    /// Decides about a step that may change something, by the queried state of its target.
    fn decides(&self, id: NodeId, found: Result<Existing, StepError>) -> Decision;

    /// Returns the event that a step with this effect succeeded; `finished` is that of a run.
    fn done(&self, _effect: Effect, finished: Event) -> Event {
        finished
    }

    /// Returns true if steps change something.
    fn makes_changes(&self) -> bool {
        true
    }

    /// Returns true if the outputs of the runbook are final.
    fn has_outputs(&self) -> bool {
        true
    }

    /// Records the result of the step at `address`; a planned change also precedes the dependents of its node.
    fn learn(&mut self, _id: Option<NodeId>, _address: &str, _result: KnownResult) {}

    /// Returns the last event.
    fn finished(&self, status: Status, summary: Summary, critical_path: CriticalPath) -> Event;
}

/// The continuation of a step that may change something.
pub(super) enum Decision {
    /// The step ends with this result.
    End(Result<Outcome, StepError>),
    /// The change is planned, and not made.
    Plan(PlannedChange),
    /// The target is in this state, and the change may be made.
    Change(Existing),
}

/// The reason why a step is left alone, and its known outputs.
pub(super) struct Unasked {
    pub why: String,
    pub known_outputs: Entries,
}
