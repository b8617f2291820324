//! Parks and pauses started work, which gives places to others meanwhile: parked work all of them, paused work only its
//! place in the whole run, since a service works on its change.

use std::collections::VecDeque;

use super::node_state::{NodeState, Phase};
use super::ready::LaneId;
use super::{Schedule, Skip};
use crate::graph::NodeId;

impl Schedule {
    /// Parks started work, which gives back its places.
    pub fn park(&mut self, node: NodeId) {
        self.give_back(node);
        self.nodes[node.index()].phase = Phase::Parked;
    }

    /// Pauses started work while its future waits, which gives back its place in the whole run. It keeps those in its
    /// limits, which bound the changes that are under way at once.
    pub fn pause(&mut self, node: NodeId) {
        debug_assert_eq!(self.nodes[node.index()].phase, Phase::Started);
        self.ready.pause();
        self.nodes[node.index()].phase = Phase::Paused;
    }

    /// Queues paused work for its place in the run. It continues even if the run was stopped meanwhile, because its
    /// change is under way.
    pub fn resume(&mut self, node: NodeId) {
        debug_assert_eq!(self.nodes[node.index()].phase, Phase::Paused);
        self.nodes[node.index()].phase = Phase::Continuing;
        self.enqueue(node);
    }

    /// Gives back the places of started work, or its place in the queue for them.
    pub(super) fn give_back(&mut self, node: NodeId) {
        let NodeState { phase, lane, .. } = self.nodes[node.index()];
        match phase {
            Phase::Started => self.ready.release(lane),
            Phase::Continuing => {
                self.ready.remove(LaneId::UNLIMITED, node);
                self.ready.release_limits(lane);
            }
            Phase::Paused => self.ready.release_limits(lane),
            Phase::Waiting | Phase::Parked | Phase::Ended => debug_assert!(false, "{phase:?}"),
        }
    }

    /// Queues parked work for its places; if the run was stopped meanwhile, returns the nodes that never continue
    /// or start.
    pub fn unpark(&mut self, node: NodeId) -> Vec<(NodeId, Skip)> {
        debug_assert_eq!(self.nodes[node.index()].phase, Phase::Parked);
        self.nodes[node.index()].phase = Phase::Waiting;
        let mut skipped = Vec::new();
        self.decide(VecDeque::from([node]), &mut skipped);
        skipped
    }
}
