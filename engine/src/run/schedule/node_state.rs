//! Keeps the state of one node in the schedule.

use crate::graph::NodeId;
use crate::runbook::RunOn;

use super::Skip;
use super::ready::{Kept, LaneId, Ticket};

/// A reason that keeps dependents from starting as usual; the first one is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Trouble {
    Failed(NodeId),
    Stopped,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Waiting for dependencies or for a place.
    Waiting,
    Started,
    /// Started and parked, without its places until it is unparked.
    Parked,
    /// Started and paused: its future waits, without its places.
    Paused,
    /// Started and paused, and ready to continue once its places are free.
    Continuing,
    /// Finished, or never to start.
    Ended,
}

pub(super) struct NodeState {
    pub phase: Phase,
    pub run_on: RunOn,
    /// The number of dependencies that have not ended.
    pub waits: usize,
    /// The number of dependents that have not ended. A placeholder never ends, since its instances may be
    /// added later.
    pub readers: usize,
    /// The number of nodes on the longest path from the node to the end.
    pub height: usize,
    /// The last work that the node waited for, directly or indirectly.
    pub after: Option<NodeId>,
    /// The first trouble among its dependencies.
    pub trouble: Option<Trouble>,
    /// The first trouble among the dependencies that it cannot run without.
    pub lost: Option<Trouble>,
    /// The lane of the limits that it counts towards.
    pub lane: LaneId,
    /// The counts of its lane when the node was ready.
    pub ticket: Ticket,
    /// The reason why it waited although it was ready, if it did.
    pub kept: Option<Kept>,
}

impl From<Trouble> for Skip {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Failed(node) => Self::Failed(node),
            Trouble::Stopped => Self::Stopped,
        }
    }
}

impl NodeState {
    /// Records trouble, if it precedes the recorded one.
    pub fn suffer(&mut self, trouble: Trouble) {
        self.trouble = Some(self.trouble.map_or(trouble, |noted| noted.min(trouble)));
    }
}
