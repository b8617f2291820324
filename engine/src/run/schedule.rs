//! What may start when.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::graph::{Graph, Item, Node, NodeId};

/// How a node ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completion {
    /// Well: what waits for it may start.
    Done,
    /// Badly: what waits for it never starts.
    Failed,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Something that takes time; it holds one of the places until it is finished.
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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Waiting,
    Started,
    Done,
    /// Failed, or never to be started.
    Failed,
}

/// The order of a run as a pure state machine: told what finished, it says what may start.
///
/// Of the nodes that are ready, the one with the longest way behind it starts first, since the run cannot be shorter
/// than that way; among equals, the one declared first. Computed nodes take no place and go before all others.
pub struct Schedule {
    graph: Graph<Node>,
    /// For each node, how many of those it waits for are not done.
    waits: Vec<usize>,
    states: Vec<State>,
    /// For each node, the number of nodes on the longest way from it to the end.
    heights: Vec<usize>,
    computed: BinaryHeap<Reverse<NodeId>>,
    ready: BinaryHeap<(usize, Reverse<NodeId>)>,
    running: usize,
    limit: usize,
    stopped: bool,
}

impl Schedule {
    /// The schedule of `graph` with at most `limit` nodes at work at once; `limit` is at least 1.
    ///
    /// Nodes that `is_absent` are passed over, as if they were done.
    #[must_use]
    pub fn new(graph: &Graph<Node>, limit: usize, is_absent: impl Fn(&Node) -> bool) -> Self {
        let state = |node: &Node| if is_absent(node) { State::Done } else { State::Waiting };
        let mut schedule = Self {
            waits: vec![0; graph.len()],
            states: graph.nodes().map(|(_, node)| state(node)).collect(),
            heights: heights(graph),
            graph: graph.clone(),
            computed: BinaryHeap::new(),
            ready: BinaryHeap::new(),
            running: 0,
            limit: limit.max(1),
            stopped: false,
        };
        schedule.extend(0, 0);
        schedule
    }

    /// The nodes.
    #[must_use]
    pub fn graph(&self) -> &Graph<Node> {
        &self.graph
    }

    /// Lets `grow` add nodes, which wait for others as any do; gives those that will never start because what they wait
    /// for has failed, nearest first.
    pub fn grow<T>(&mut self, grow: impl FnOnce(&mut Graph<Node>) -> T) -> (T, Vec<NodeId>) {
        let (nodes, edges) = (self.graph.len(), self.graph.edge_count());
        let grown = grow(&mut self.graph);
        self.waits.resize(self.graph.len(), 0);
        self.states.resize(self.graph.len(), State::Waiting);
        self.heights.resize(self.graph.len(), 1);
        for at in (nodes..self.graph.len()).rev() {
            let above = self.graph.waiters(NodeId::new(at)).map(|waiter| self.heights[waiter.index()]).max();
            self.heights[at] += above.unwrap_or(0);
        }
        (grown, self.extend(nodes, edges))
    }

    /// Takes in the nodes and edges from these numbers on.
    fn extend(&mut self, nodes: usize, edges: usize) -> Vec<NodeId> {
        let mut hopeless = Vec::new();
        let new: Vec<(NodeId, NodeId)> = self.graph.edges_from(edges).collect();
        for (needed, waiter) in new {
            match self.states[needed.index()] {
                State::Done => {}
                State::Failed => hopeless.push(waiter),
                State::Waiting | State::Started => self.waits[waiter.index()] += 1,
            }
        }
        let mut skipped = Vec::new();
        for node in hopeless {
            if self.states[node.index()] == State::Waiting {
                self.states[node.index()] = State::Failed;
                skipped.push(node);
                skipped.extend(self.abandon(node));
            }
        }
        for at in nodes..self.graph.len() {
            if self.waits[at] == 0 && self.states[at] == State::Waiting {
                self.enqueue(NodeId::new(at));
            }
        }
        skipped
    }

    /// What starts now; none when everything that could is started, or all places are taken.
    pub fn start(&mut self) -> Option<Start> {
        if self.stopped {
            return None;
        }
        if let Some(Reverse(node)) = self.computed.pop() {
            self.states[node.index()] = State::Started;
            return Some(Start::Compute(node));
        }
        if self.running == self.limit {
            return None;
        }
        let (_, Reverse(node)) = self.ready.pop()?;
        self.states[node.index()] = State::Started;
        self.running += 1;
        Some(Start::Work(node))
    }

    /// Says that what was started is finished; gives the nodes that will never start because of it, nearest first.
    pub fn finish(&mut self, start: Start, completion: Completion) -> Vec<NodeId> {
        let node = start.node();
        debug_assert_eq!(self.states[node.index()], State::Started);
        if matches!(start, Start::Work(_)) {
            self.running -= 1;
        }
        match completion {
            Completion::Done => {
                self.states[node.index()] = State::Done;
                self.release(node);
                Vec::new()
            }
            Completion::Failed => {
                self.states[node.index()] = State::Failed;
                self.abandon(node)
            }
        }
    }

    /// Starts nothing any more.
    pub fn stop(&mut self) {
        self.stopped = true;
    }

    /// The nodes that were never started, in order.
    #[must_use]
    pub fn waiting(&self) -> Vec<NodeId> {
        let waiting = self.graph.nodes().map(|(node, _)| node);
        waiting.filter(|node| self.states[node.index()] == State::Waiting).collect()
    }

    /// Ends everything that was started and is not finished; gives it, in order.
    pub fn abandon_running(&mut self) -> Vec<NodeId> {
        let started: Vec<NodeId> = self
            .graph
            .nodes()
            .map(|(node, _)| node)
            .filter(|node| self.states[node.index()] == State::Started)
            .collect();
        for node in &started {
            self.states[node.index()] = State::Failed;
        }
        self.running = 0;
        started
    }

    fn release(&mut self, node: NodeId) {
        let waiters: Vec<NodeId> = self.graph.waiters(node).collect();
        for waiter in waiters {
            self.waits[waiter.index()] -= 1;
            if self.waits[waiter.index()] == 0 && self.states[waiter.index()] == State::Waiting {
                self.enqueue(waiter);
            }
        }
    }

    fn abandon(&mut self, node: NodeId) -> Vec<NodeId> {
        let mut abandoned = vec![node];
        let mut next = 0;
        while let Some(&at) = abandoned.get(next) {
            next += 1;
            for waiter in self.graph.waiters(at) {
                if self.states[waiter.index()] == State::Waiting {
                    self.states[waiter.index()] = State::Failed;
                    abandoned.push(waiter);
                }
            }
        }
        abandoned.split_off(1)
    }

    fn enqueue(&mut self, node: NodeId) {
        match self.graph.get(node) {
            Node::Item { item: Item::Step(_), .. } | Node::Token(_) => {
                self.ready.push((self.heights[node.index()], Reverse(node)));
            }
            Node::Item { .. } => self.computed.push(Reverse(node)),
        }
    }
}

fn heights(graph: &Graph<Node>) -> Vec<usize> {
    let mut heights = vec![1; graph.len()];
    for node in graph.order().into_iter().rev() {
        let above = graph.waiters(node).map(|waiter| heights[waiter.index()]).max();
        heights[node.index()] += above.unwrap_or(0);
    }
    heights
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::graph::{Edge, ModuleId};

    fn step(index: usize) -> Node {
        Node::only(ModuleId::ROOT, Item::Step(index))
    }

    fn graph(steps: usize, edges: &[(usize, usize)]) -> Graph<Node> {
        let mut graph = Graph::default();
        let ids: Vec<_> = (0..steps).map(|index| graph.node(step(index))).collect();
        for &(from, to) in edges {
            graph.connect(ids[from], ids[to], Edge::Token);
        }
        graph
    }

    fn started(schedule: &mut Schedule) -> Vec<usize> {
        std::iter::from_fn(|| schedule.start()).map(|start| start.node().index()).collect()
    }

    #[test]
    fn the_longest_way_starts_first() {
        let mut schedule = Schedule::new(&graph(4, &[(1, 2), (2, 3)]), 1, |_| false);
        assert_eq!(started(&mut schedule), [1]);
    }

    #[test]
    fn what_waits_for_a_failure_never_starts() {
        let graph = graph(5, &[(0, 1), (1, 2), (3, 4)]);
        let mut schedule = Schedule::new(&graph, 10, |_| false);
        assert_eq!(started(&mut schedule), [0, 3]);
        let first = Start::Work(NodeId::new(0));
        let skipped: Vec<_> =
            schedule.finish(first, Completion::Failed).iter().map(|node| node.index()).collect();
        assert_eq!(skipped, [1, 2]);
        assert!(schedule.finish(Start::Work(NodeId::new(3)), Completion::Done).is_empty());
        assert_eq!(started(&mut schedule), [4]);
    }

    #[test]
    fn once_stopped_nothing_starts() {
        let mut schedule = Schedule::new(&graph(2, &[(0, 1)]), 10, |_| false);
        let start = schedule.start().expect("the first");
        schedule.stop();
        schedule.finish(start, Completion::Done);
        assert_eq!(schedule.start(), None);
        assert_eq!(schedule.waiting(), [NodeId::new(1)]);
    }

    /// A graph without cycles: edges go from lower to higher numbers.
    fn dag() -> impl Strategy<Value = (usize, Vec<(usize, usize)>)> {
        (1..30usize).prop_flat_map(|steps| {
            let edge = (0..steps, 0..steps).prop_filter_map("forward", |(a, b)| (a < b).then_some((a, b)));
            let edges = if steps == 1 {
                Just(Vec::new()).boxed()
            } else {
                prop::collection::vec(edge, 0..60).boxed()
            };
            (Just(steps), edges)
        })
    }

    proptest! {
        /// Whatever finishes when and how: no node starts before what it needs is done, no more run than may, and
        /// every node either runs or waits for a failure.
        #[test]
        fn the_laws_of_a_schedule(
            (steps, edges) in dag(),
            limit in 1..5usize,
            picks in prop::collection::vec((any::<prop::sample::Index>(), prop::bool::weighted(0.8)), 30),
        ) {
            let graph = graph(steps, &edges);
            let mut schedule = Schedule::new(&graph, limit, |_| false);
            let (mut running, mut done, mut ended) = (Vec::new(), Vec::new(), 0);
            for (pick, well) in picks {
                while let Some(start) = schedule.start() {
                    for needed in graph.needs(start.node()) {
                        prop_assert!(done.contains(&needed));
                    }
                    running.push(start);
                }
                prop_assert!(running.len() <= limit);
                if running.is_empty() {
                    break;
                }
                let start = running.swap_remove(pick.index(running.len()));
                let completion = if well { Completion::Done } else { Completion::Failed };
                ended += 1 + schedule.finish(start, completion).len();
                if well {
                    done.push(start.node());
                }
            }
            prop_assert!(running.is_empty());
            prop_assert_eq!(ended, steps);
            prop_assert!(schedule.waiting().is_empty());
        }
    }
}
