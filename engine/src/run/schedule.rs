//! Decides which nodes may start.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet, VecDeque};

use crate::graph::{Graph, Item, Node, NodeId};
use crate::plan::LimitId;
use crate::runbook::RunOn;

mod node_state;
mod pausing;
mod ready;

use node_state::{NodeState, Phase, Trouble};
use ready::{LaneId, Ready, Ticket};

pub use ready::Kept;

/// The result of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completion {
    /// The node succeeded; its dependents may start.
    Done,
    /// The node failed; only cleanup steps among its dependents start.
    Failed,
}

/// The next node to start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// A node that takes time. It holds a place under `-parallelism`, and one in each of its limits, until it finishes
    /// or is parked.
    Work(NodeId),
    /// A node that is only computed.
    Compute(NodeId),
}

impl Start {
    /// Returns the node.
    #[must_use]
    pub fn node(self) -> NodeId {
        match self {
            Self::Work(node) | Self::Compute(node) => node,
        }
    }
}

/// The reason why a node never starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Skip {
    /// The given node failed, which is a direct or indirect dependency.
    Failed(NodeId),
    /// The run was stopped.
    Stopped,
    /// The node cleans up after failures, and no dependency failed.
    Unneeded,
    /// The node is outside the selection.
    LeftOut,
}

/// The nodes that no longer start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stop {
    /// Work, except cleanup steps and their tokens.
    Work,
    /// Everything.
    Everything,
}

/// The terms on which a node starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terms<'a> {
    /// The outcomes of its dependencies after which it starts.
    pub run_on: RunOn,
    /// The limits that it counts towards while it runs, if it takes time.
    pub limits: &'a [LimitId],
}

impl From<RunOn> for Terms<'_> {
    fn from(run_on: RunOn) -> Self {
        Self { run_on, limits: &[] }
    }
}

/// The order of a run as a pure state machine, which receives the ends of nodes and returns the nodes that
/// may start.
///
/// The schedule decides about a node when all its dependencies have ended, so the decision never depends on
/// which ended first. Of the ready nodes, the one with the longest remaining path starts first, since the run
/// cannot be shorter than that path; among equals, the one declared first. A node whose limits have no place left
/// lets the others pass. Computed nodes need no place and start before all others.
///
/// Trouble is inherited: a dependent of a successful cleanup still follows the failure that was cleaned up.
pub struct Schedule {
    graph: Graph<Node>,
    nodes: Vec<NodeState>,
    /// The number of graph edges taken in.
    edges: usize,
    computed: BinaryHeap<Reverse<NodeId>>,
    ready: Ready,
    stop: Option<Stop>,
    left_out: HashSet<NodeId>,
    /// Ended nodes whose dependents have all ended.
    unread: Vec<NodeId>,
}

impl Schedule {
    /// Returns the schedule of `graph` with at most `parallelism` running nodes, and limits of the given sizes; all
    /// these numbers are at least 1.
    ///
    /// No node starts before the nodes are [taken in](Self::take_in).
    #[must_use]
    pub fn new(graph: &Graph<Node>, parallelism: usize, limits: impl IntoIterator<Item = usize>) -> Self {
        Self {
            graph: graph.clone(),
            nodes: Vec::new(),
            edges: 0,
            computed: BinaryHeap::new(),
            ready: Ready::new(parallelism, limits),
            stop: None,
            left_out: HashSet::new(),
            unread: Vec::new(),
        }
    }

    /// Returns the graph.
    #[must_use]
    pub fn graph(&self) -> &Graph<Node> {
        &self.graph
    }

    /// Returns the graph, to add nodes, which are [taken in](Self::take_in) afterwards.
    pub fn graph_mut(&mut self) -> &mut Graph<Node> {
        &mut self.graph
    }

    /// Excludes nodes, which then never start. They must not be taken in yet, or must still wait. Their
    /// dependents keep waiting for their dependencies.
    pub fn leave_out(&mut self, nodes: impl IntoIterator<Item = NodeId>) {
        self.left_out.extend(nodes);
    }

    /// Takes in the nodes that were added to the graph, each with the terms that `describe` returns;
    /// returns the nodes that never start, nearest first.
    ///
    /// Nodes for which `describe` returns none are skipped over, as if they had succeeded.
    pub fn take_in<'a, T: Into<Terms<'a>>>(
        &mut self,
        describe: impl Fn(&Node) -> Option<T>,
    ) -> Vec<(NodeId, Skip)> {
        let first = self.nodes.len();
        for at in first..self.graph.len() {
            let terms: Option<Terms<'_>> = describe(self.graph.get(NodeId::new(at))).map(Into::into);
            let Terms { run_on, limits } = terms.unwrap_or_default();
            self.nodes.push(NodeState {
                phase: if terms.is_some() { Phase::Waiting } else { Phase::Ended },
                run_on,
                lane: self.ready.lane(limits),
                waits: 0,
                readers: 0,
                height: 1,
                after: None,
                trouble: None,
                lost: None,
                ticket: Ticket::default(),
                kept: None,
            });
        }
        self.measure(first);
        let edges: Vec<_> = self.graph.edges_from(self.edges).collect();
        self.edges = self.graph.edge_count();
        for (needed, waiter) in edges {
            if self.nodes[needed.index()].phase == Phase::Ended {
                self.inherit(needed, waiter);
                let after = self.nodes[needed.index()].after;
                self.nodes[waiter.index()].after = after;
            } else {
                self.nodes[waiter.index()].waits += 1;
            }
            self.nodes[needed.index()].readers += 1;
        }
        let is_free = |state: &NodeState| state.waits == 0 && state.phase == Phase::Waiting;
        let new = (first..self.graph.len()).map(NodeId::new);
        let free = new.filter(|node| is_free(&self.nodes[node.index()])).collect();
        let mut skipped = Vec::new();
        self.decide(free, &mut skipped);
        skipped
    }

    /// Computes the heights of the nodes from `first` on.
    fn measure(&mut self, first: usize) {
        let order: Vec<NodeId> = if first == 0 {
            self.graph.order()
        } else {
            (first..self.graph.len()).map(NodeId::new).collect()
        };
        for &node in order.iter().rev() {
            let above = self.graph.waiters(node).map(|waiter| self.nodes[waiter.index()].height).max();
            self.nodes[node.index()].height += above.unwrap_or(0);
        }
    }

    /// Returns the next node to start; none if no node is ready, or no ready node has a place.
    pub fn start(&mut self) -> Option<Start> {
        if let Some(Reverse(node)) = self.computed.pop() {
            self.nodes[node.index()].phase = Phase::Started;
            return Some(Start::Compute(node));
        }
        let node = self.ready.pop()?;
        let state = &mut self.nodes[node.index()];
        if state.phase != Phase::Continuing {
            state.kept = self.ready.kept(state.lane, state.ticket);
        }
        state.phase = Phase::Started;
        Some(Start::Work(node))
    }

    /// Records the end of a started node; returns the nodes that never start because of it, nearest first.
    pub fn finish(&mut self, start: Start, completion: Completion) -> Vec<(NodeId, Skip)> {
        let node = start.node();
        if matches!(start, Start::Work(_)) {
            self.give_back(node);
        }
        let state = &mut self.nodes[node.index()];
        state.phase = Phase::Started;
        if completion == Completion::Failed {
            state.suffer(Trouble::Failed(node));
        }
        let mut freed = VecDeque::new();
        self.end(node, &mut freed);
        let mut skipped = Vec::new();
        self.decide(freed, &mut skipped);
        skipped
    }

    /// Records that work which may start now does not, since `culprit` failed; returns the nodes that never start because
    /// of it, nearest first.
    pub fn withhold(&mut self, node: NodeId, culprit: NodeId) -> Vec<(NodeId, Skip)> {
        self.give_back(node);
        let state = &mut self.nodes[node.index()];
        state.phase = Phase::Waiting;
        state.suffer(Trouble::Failed(culprit));
        let mut freed = VecDeque::new();
        self.end(node, &mut freed);
        let mut skipped = Vec::new();
        self.decide(freed, &mut skipped);
        skipped
    }

    /// Stops starting some nodes; returns the nodes that never start because of it.
    pub fn stop(&mut self, stop: Stop) -> Vec<(NodeId, Skip)> {
        self.stop = self.stop.max(Some(stop));
        let mut waiting: Vec<NodeId> =
            self.ready.drain().chain(self.computed.drain().map(|Reverse(node)| node)).collect();
        waiting.sort_unstable();
        let mut skipped = Vec::new();
        self.decide(waiting.into(), &mut skipped);
        skipped
    }

    /// Returns the nodes whose results no remaining node reads, each once.
    pub fn unread(&mut self) -> Vec<NodeId> {
        std::mem::take(&mut self.unread)
    }

    /// Returns the last work that a started node waited for; computed nodes are passed through.
    #[must_use]
    pub fn after(&self, node: NodeId) -> Option<NodeId> {
        self.nodes[node.index()].after
    }

    /// Returns the reason why started work waited although it was ready, if it did.
    #[must_use]
    pub fn kept(&self, node: NodeId) -> Option<Kept> {
        self.nodes[node.index()].kept
    }

    /// Decides about nodes whose dependencies have all ended, and about the dependents that this frees.
    fn decide(&mut self, mut decided: VecDeque<NodeId>, skipped: &mut Vec<(NodeId, Skip)>) {
        while let Some(node) = decided.pop_front() {
            let Some(skip) = self.skip(node) else {
                self.enqueue(node);
                continue;
            };
            if skip == Skip::Stopped {
                let state = &mut self.nodes[node.index()];
                state.suffer(Trouble::Stopped);
            }
            skipped.push((node, skip));
            self.end(node, &mut decided);
        }
    }

    /// Returns the reason why a node whose dependencies have all ended does not start, if there is one.
    fn skip(&self, node: NodeId) -> Option<Skip> {
        if self.left_out.contains(&node) {
            return Some(Skip::LeftOut);
        }
        let state = &self.nodes[node.index()];
        if state.phase == Phase::Continuing {
            return None;
        }
        match (state.trouble, state.run_on) {
            (Some(trouble), RunOn::Success) => Some(trouble.into()),
            (None, RunOn::Failure) => Some(Skip::Unneeded),
            _ if self.stop == Some(Stop::Everything) => Some(Skip::Stopped),
            _ if state.lost.is_some() => state.lost.map(Skip::from),
            _ => {
                let is_stopped = self.stop.is_some() && self.is_work(node) && !self.cleans_up(node);
                is_stopped.then_some(Skip::Stopped)
            }
        }
    }

    /// Returns true if a node cleans up, or is a token that a cleanup step may use.
    #[must_use]
    pub fn cleans_up(&self, node: NodeId) -> bool {
        let is_cleanup = |state: &NodeState| {
            state.phase == Phase::Waiting && state.run_on.is_cleanup() && state.lost.is_none()
        };
        let mut waiters = self.graph.waiters(node);
        match self.graph.get(node) {
            Node::Token { .. } => waiters.any(|waiter| is_cleanup(&self.nodes[waiter.index()])),
            Node::Item { .. } => self.nodes[node.index()].run_on.is_cleanup(),
        }
    }

    /// Ends a node; adds dependents that waited for nothing else to `freed`.
    fn end(&mut self, node: NodeId, freed: &mut VecDeque<NodeId>) {
        let work = self.is_work(node).then_some(node);
        let state = &mut self.nodes[node.index()];
        let after = work.filter(|_| state.phase == Phase::Started).or(state.after);
        state.phase = Phase::Ended;
        if state.readers == 0 {
            self.unread.push(node);
        }
        for needed in self.graph.needs(node) {
            let state = &mut self.nodes[needed.index()];
            state.readers -= 1;
            if state.readers == 0 {
                self.unread.push(needed);
            }
        }
        let waiters: Vec<NodeId> = self.graph.waiters(node).collect();
        for waiter in waiters {
            self.inherit(node, waiter);
            let state = &mut self.nodes[waiter.index()];
            state.waits -= 1;
            if state.waits == 0 && state.phase == Phase::Waiting {
                state.after = after;
                freed.push_back(waiter);
            }
        }
    }

    /// Passes the trouble of an ended node to a dependent.
    fn inherit(&mut self, needed: NodeId, waiter: NodeId) {
        let NodeState { trouble: Some(trouble), .. } = self.nodes[needed.index()] else { return };
        let is_vital = self.graph.get(needed).is_vital();
        let state = &mut self.nodes[waiter.index()];
        state.suffer(trouble);
        if is_vital {
            state.lost = Some(state.lost.map_or(trouble, |noted| noted.min(trouble)));
        }
    }

    fn is_work(&self, node: NodeId) -> bool {
        matches!(self.graph.get(node), Node::Item { item: Item::Step(_), .. } | Node::Token { .. })
    }

    fn enqueue(&mut self, node: NodeId) {
        if self.is_work(node) {
            let state = &mut self.nodes[node.index()];
            let lane = if state.phase == Phase::Continuing { LaneId::UNLIMITED } else { state.lane };
            state.ticket = self.ready.push(lane, state.height, node);
        } else {
            self.computed.push(Reverse(node));
        }
    }
}

#[cfg(test)]
mod tests;
