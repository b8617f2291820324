//! What may start when.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet, VecDeque};

use crate::graph::{Graph, Item, Node, NodeId};
use crate::runbook::RunOn;

/// How a node ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completion {
    /// Well: what waits for it may start.
    Done,
    /// Badly: what waits for it starts only to clean up.
    Failed,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Something that takes time; it holds one of the places until it is finished or rests.
    Work(NodeId),
    /// Something that is only computed.
    Compute(NodeId),
}

impl Start {
    /// The node.
    #[must_use]
    pub fn node(self) -> NodeId {
        match self {
            Self::Work(node) | Self::Compute(node) => node,
        }
    }
}

/// Why a node is never started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Skip {
    /// That node failed, which it waits for, be it through others.
    Failed(NodeId),
    /// The run was stopped.
    Stopped,
    /// It cleans up after failures, and nothing that it waits for failed.
    Unneeded,
    /// It is no part of what is run.
    LeftOut,
}

/// What is not started any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stop {
    /// Work, but for what cleans up and the tokens for it.
    Work,
    /// Anything.
    Everything,
}

/// Why what waits for a node does not start as usual; the first one is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Trouble {
    Failed(NodeId),
    Stopped,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// For others, or for a place.
    Waiting,
    Started,
    /// Started, and without a place until it wakes.
    Resting,
    /// Finished, or never to be started.
    Ended,
}

struct Slot {
    state: State,
    run_on: RunOn,
    /// How many of those that it waits for have not ended.
    waits: usize,
    /// How many nodes that wait for it have not ended. One that stands for others never does: they may come about later.
    readers: usize,
    /// The number of nodes on the longest way from it to the end.
    height: usize,
    /// The work that it waited for last, be it through others.
    after: Option<NodeId>,
    /// What went wrong before it.
    trouble: Option<Trouble>,
    /// What went wrong with what it cannot be without.
    lost: Option<Trouble>,
    /// How often work had been kept waiting when it was ready.
    ready_at: u64,
    /// Whether it was kept waiting before it started.
    was_kept: bool,
}

/// The order of a run as a pure state machine: told what finished, it says what may start.
///
/// What becomes of a node is decided when everything that it waits for has ended, so it never depends on who ended
/// first. Of the nodes that are ready, the one with the longest way behind it starts first, since the run cannot be
/// shorter than that way; among equals, the one declared first. Computed nodes take no place and go before all others.
///
/// Trouble is inherited: what waits for a cleanup that went well still comes after the failure that was cleaned up.
pub struct Schedule {
    graph: Graph<Node>,
    slots: Vec<Slot>,
    /// How many edges of the graph were taken in.
    edges: usize,
    computed: BinaryHeap<Reverse<NodeId>>,
    ready: BinaryHeap<(usize, Reverse<NodeId>)>,
    running: usize,
    limit: usize,
    /// How often work was ready while all places were taken.
    full: u64,
    stop: Option<Stop>,
    left_out: HashSet<NodeId>,
    /// Nodes that have ended, as has all that waits for them.
    unread: Vec<NodeId>,
}

impl Schedule {
    /// The schedule of `graph` with at most `limit` nodes at work at once; `limit` is at least 1.
    ///
    /// Nothing starts before the nodes are [taken in](Self::take_in).
    #[must_use]
    pub fn new(graph: &Graph<Node>, limit: usize) -> Self {
        Self {
            graph: graph.clone(),
            slots: Vec::new(),
            edges: 0,
            computed: BinaryHeap::new(),
            ready: BinaryHeap::new(),
            running: 0,
            limit: limit.max(1),
            full: 0,
            stop: None,
            left_out: HashSet::new(),
            unread: Vec::new(),
        }
    }

    /// The nodes.
    #[must_use]
    pub fn graph(&self) -> &Graph<Node> {
        &self.graph
    }

    /// The nodes, to add some; they are [taken in](Self::take_in) afterwards.
    pub fn graph_mut(&mut self) -> &mut Graph<Node> {
        &mut self.graph
    }

    /// Says that these nodes never start, whatever comes. They are not taken in yet, or still wait for others: what waits
    /// for them still comes after what they wait for.
    pub fn leave_out(&mut self, nodes: impl IntoIterator<Item = NodeId>) {
        self.left_out.extend(nodes);
    }

    /// Takes in the nodes that were added, which wait for others as any do, each to be run as `describe` says; gives
    /// those that will never start, nearest first.
    ///
    /// What `describe` knows nothing of is passed over, as if it were done.
    pub fn take_in(&mut self, describe: impl Fn(&Node) -> Option<RunOn>) -> Vec<(NodeId, Skip)> {
        let first = self.slots.len();
        for at in first..self.graph.len() {
            let run_on = describe(self.graph.get(NodeId::new(at)));
            self.slots.push(Slot {
                state: if run_on.is_some() { State::Waiting } else { State::Ended },
                run_on: run_on.unwrap_or_default(),
                waits: 0,
                readers: 0,
                height: 1,
                after: None,
                trouble: None,
                lost: None,
                ready_at: 0,
                was_kept: false,
            });
        }
        self.measure(first);
        let edges: Vec<_> = self.graph.edges_from(self.edges).collect();
        self.edges = self.graph.edge_count();
        for (needed, waiter) in edges {
            if self.slots[needed.index()].state == State::Ended {
                self.inherit(needed, waiter);
                let after = self.slots[needed.index()].after;
                self.slots[waiter.index()].after = after;
            } else {
                self.slots[waiter.index()].waits += 1;
            }
            self.slots[needed.index()].readers += 1;
        }
        let is_free = |slot: &Slot| slot.waits == 0 && slot.state == State::Waiting;
        let new = (first..self.graph.len()).map(NodeId::new);
        let free = new.filter(|node| is_free(&self.slots[node.index()])).collect();
        let mut skipped = Vec::new();
        self.decide(free, &mut skipped);
        skipped
    }

    /// Finds the heights of the nodes from `first` on.
    fn measure(&mut self, first: usize) {
        let order: Vec<NodeId> = if first == 0 {
            self.graph.order()
        } else {
            (first..self.graph.len()).map(NodeId::new).collect()
        };
        for &node in order.iter().rev() {
            let above = self.graph.waiters(node).map(|waiter| self.slots[waiter.index()].height).max();
            self.slots[node.index()].height += above.unwrap_or(0);
        }
    }

    /// What starts now; none when everything that could is started, or all places are taken.
    pub fn start(&mut self) -> Option<Start> {
        if let Some(Reverse(node)) = self.computed.pop() {
            self.slots[node.index()].state = State::Started;
            return Some(Start::Compute(node));
        }
        if self.running == self.limit {
            self.full += u64::from(!self.ready.is_empty());
            return None;
        }
        let (_, Reverse(node)) = self.ready.pop()?;
        let slot = &mut self.slots[node.index()];
        slot.state = State::Started;
        slot.was_kept = self.full > slot.ready_at;
        self.running += 1;
        Some(Start::Work(node))
    }

    /// Says that what was started is finished; gives the nodes that will never start, now that it is, nearest first.
    pub fn finish(&mut self, start: Start, completion: Completion) -> Vec<(NodeId, Skip)> {
        let node = start.node();
        let slot = &mut self.slots[node.index()];
        debug_assert_eq!(slot.state, State::Started);
        if matches!(start, Start::Work(_)) {
            self.running -= 1;
        }
        if completion == Completion::Failed {
            slot.suffer(Trouble::Failed(node));
        }
        let mut freed = VecDeque::new();
        self.end(node, &mut freed);
        let mut skipped = Vec::new();
        self.decide(freed, &mut skipped);
        skipped
    }

    /// Says that work that was started has nothing to do for a while; others may have its place.
    pub fn park(&mut self, node: NodeId) {
        debug_assert_eq!(self.slots[node.index()].state, State::Started);
        self.slots[node.index()].state = State::Resting;
        self.running -= 1;
    }

    /// Says that work that rested goes on when it gets a place; gives the nodes that will never go on or start, when
    /// the run was stopped meanwhile.
    pub fn unpark(&mut self, node: NodeId) -> Vec<(NodeId, Skip)> {
        debug_assert_eq!(self.slots[node.index()].state, State::Resting);
        self.slots[node.index()].state = State::Waiting;
        let mut skipped = Vec::new();
        self.decide(VecDeque::from([node]), &mut skipped);
        skipped
    }

    /// Starts less from now on; gives the nodes that will never start because of it.
    pub fn stop(&mut self, stop: Stop) -> Vec<(NodeId, Skip)> {
        self.stop = self.stop.max(Some(stop));
        let ready = self.ready.drain().map(|(_, Reverse(node))| node);
        let mut waiting: Vec<NodeId> = ready.chain(self.computed.drain().map(|Reverse(node)| node)).collect();
        waiting.sort_unstable();
        let mut skipped = Vec::new();
        self.decide(waiting.into(), &mut skipped);
        skipped
    }

    /// The nodes of which nobody will ask any more what they gave, each told once.
    pub fn unread(&mut self) -> Vec<NodeId> {
        std::mem::take(&mut self.unread)
    }

    /// The work that a node which was started waited for last, be it through what is only computed.
    #[must_use]
    pub fn after(&self, node: NodeId) -> Option<NodeId> {
        self.slots[node.index()].after
    }

    /// Whether work that was started was kept waiting before, since all places were taken.
    #[must_use]
    pub fn was_kept(&self, node: NodeId) -> bool {
        self.slots[node.index()].was_kept
    }

    /// Decides what becomes of nodes for which everything that they wait for has ended, and of those that wait for
    /// them.
    fn decide(&mut self, mut decided: VecDeque<NodeId>, skipped: &mut Vec<(NodeId, Skip)>) {
        while let Some(node) = decided.pop_front() {
            let Some(skip) = self.skip(node) else {
                self.enqueue(node);
                continue;
            };
            if skip == Skip::Stopped {
                let slot = &mut self.slots[node.index()];
                slot.suffer(Trouble::Stopped);
            }
            skipped.push((node, skip));
            self.end(node, &mut decided);
        }
    }

    /// Why a node for which everything that it waits for has ended is not started.
    fn skip(&self, node: NodeId) -> Option<Skip> {
        if self.left_out.contains(&node) {
            return Some(Skip::LeftOut);
        }
        let slot = &self.slots[node.index()];
        match (slot.trouble, slot.run_on) {
            (Some(trouble), RunOn::Success) => Some(trouble.into()),
            (None, RunOn::Failure) => Some(Skip::Unneeded),
            _ if self.stop == Some(Stop::Everything) => Some(Skip::Stopped),
            _ if slot.lost.is_some() => slot.lost.map(Skip::from),
            _ => {
                let is_stopped = self.stop.is_some() && self.is_work(node) && !self.cleans_up(node);
                is_stopped.then_some(Skip::Stopped)
            }
        }
    }

    /// Whether a node cleans up, or is a token for what may.
    #[must_use]
    pub fn cleans_up(&self, node: NodeId) -> bool {
        let is_cleanup =
            |slot: &Slot| slot.state == State::Waiting && slot.run_on.is_cleanup() && slot.lost.is_none();
        let mut waiters = self.graph.waiters(node);
        match self.graph.get(node) {
            Node::Token(_) => waiters.any(|waiter| is_cleanup(&self.slots[waiter.index()])),
            Node::Item { .. } => self.slots[node.index()].run_on.is_cleanup(),
        }
    }

    /// Ends a node; adds those that waited for nothing else to `freed`.
    fn end(&mut self, node: NodeId, freed: &mut VecDeque<NodeId>) {
        let work = self.is_work(node).then_some(node);
        let slot = &mut self.slots[node.index()];
        let after = work.filter(|_| slot.state == State::Started).or(slot.after);
        slot.state = State::Ended;
        if slot.readers == 0 {
            self.unread.push(node);
        }
        for needed in self.graph.needs(node) {
            let slot = &mut self.slots[needed.index()];
            slot.readers -= 1;
            if slot.readers == 0 {
                self.unread.push(needed);
            }
        }
        let waiters: Vec<NodeId> = self.graph.waiters(node).collect();
        for waiter in waiters {
            self.inherit(node, waiter);
            let slot = &mut self.slots[waiter.index()];
            slot.waits -= 1;
            if slot.waits == 0 && slot.state == State::Waiting {
                slot.after = after;
                freed.push_back(waiter);
            }
        }
    }

    /// Hands the trouble of a node that ended to one that waits for it.
    fn inherit(&mut self, needed: NodeId, waiter: NodeId) {
        let Slot { trouble: Some(trouble), .. } = self.slots[needed.index()] else { return };
        let is_vital = self.graph.get(needed).is_vital();
        let slot = &mut self.slots[waiter.index()];
        slot.suffer(trouble);
        if is_vital {
            slot.lost = Some(slot.lost.map_or(trouble, |noted| noted.min(trouble)));
        }
    }

    fn is_work(&self, node: NodeId) -> bool {
        matches!(self.graph.get(node), Node::Item { item: Item::Step(_), .. } | Node::Token(_))
    }

    fn enqueue(&mut self, node: NodeId) {
        if self.is_work(node) {
            let slot = &mut self.slots[node.index()];
            slot.ready_at = self.full;
            self.ready.push((slot.height, Reverse(node)));
        } else {
            self.computed.push(Reverse(node));
        }
    }
}

impl From<Trouble> for Skip {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Failed(node) => Self::Failed(node),
            Trouble::Stopped => Self::Stopped,
        }
    }
}

impl Slot {
    /// Notes trouble, when it comes before what is noted.
    fn suffer(&mut self, trouble: Trouble) {
        self.trouble = Some(self.trouble.map_or(trouble, |noted| noted.min(trouble)));
    }
}

#[cfg(test)]
mod tests;
