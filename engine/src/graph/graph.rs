//! Nodes and who waits for whom.

use std::hash::Hash;

use indexmap::IndexSet;
use petgraph::Direction;
use petgraph::graph::{DiGraph, EdgeIndex, NodeIndex};
use petgraph::visit::EdgeRef;
use rustc_hash::{FxBuildHasher, FxHashSet};

use crate::source::Span;

/// The number of a node.
pub type NodeId = NodeIndex<u32>;

/// Why one node waits for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// It refers to it, here.
    Reference(Span),
    /// It says so in `depends_on`, here.
    DependsOn(Span),
    /// Its calls need the token.
    Token,
    /// One is part of the other.
    Part,
}

/// Nodes, with an edge from each node to every node that waits for it.
#[derive(Clone, Debug)]
pub struct Graph<N> {
    inner: DiGraph<(), Edge, u32>,
    /// The nodes, by their numbers.
    nodes: IndexSet<N, FxBuildHasher>,
    edges: FxHashSet<(NodeId, NodeId)>,
}

impl<N> Default for Graph<N> {
    fn default() -> Self {
        Self { inner: DiGraph::default(), nodes: IndexSet::default(), edges: FxHashSet::default() }
    }
}

impl<N: Clone + Eq + Hash> Graph<N> {
    /// The number of `node`, which is added when it is new.
    pub fn node(&mut self, node: N) -> NodeId {
        match self.nodes.insert_full(node) {
            (_, true) => self.inner.add_node(()),
            (at, false) => NodeId::new(at),
        }
    }

    /// The number of `node`, when it is there.
    #[must_use]
    pub fn find(&self, node: &N) -> Option<NodeId> {
        self.nodes.get_index_of(node).map(NodeId::new)
    }

    /// Lets `waiter` wait for `needed`; only the first reason is kept.
    pub fn connect(&mut self, needed: NodeId, waiter: NodeId, why: Edge) {
        if self.edges.insert((needed, waiter)) {
            self.inner.add_edge(needed, waiter, why);
        }
    }

    /// How many nodes there are; their numbers are all below it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.inner.node_count()
    }

    /// How many edges there are; they are counted in the order they were added.
    #[must_use]
    pub fn edge_count(&self) -> usize {
        self.inner.edge_count()
    }

    /// The edges from number `first` on, as who is needed and who waits.
    pub fn edges_from(&self, first: usize) -> impl Iterator<Item = (NodeId, NodeId)> {
        (first..self.edge_count()).filter_map(|at| self.inner.edge_endpoints(EdgeIndex::new(at)))
    }

    /// Whether there are no nodes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All nodes, in the order they were added.
    pub fn nodes(&self) -> impl Iterator<Item = (NodeId, &N)> {
        self.nodes.iter().enumerate().map(|(at, node)| (NodeId::new(at), node))
    }

    /// The node of that number.
    #[must_use]
    pub fn get(&self, id: NodeId) -> &N {
        &self.nodes[id.index()]
    }

    /// What `id` waits for.
    pub fn needs(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        self.inner.neighbors_directed(id, Direction::Incoming)
    }

    /// What waits for `id`.
    pub fn waiters(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        self.inner.neighbors_directed(id, Direction::Outgoing)
    }

    /// What waits for `id`, and why.
    pub(super) fn waiters_with_reason(&self, id: NodeId) -> impl Iterator<Item = (NodeId, Edge)> {
        self.inner.edges_directed(id, Direction::Outgoing).map(|edge| (edge.target(), *edge.weight()))
    }

    /// All nodes, each after everything it waits for.
    ///
    /// A graph that [`build`](super::build) gave has no cycle; of another one, the nodes on cycles are left out.
    #[must_use]
    pub fn order(&self) -> Vec<NodeId> {
        self.order_from(0)
    }

    /// The nodes from number `first` on, each after those of them that it waits for.
    #[must_use]
    pub fn order_from(&self, first: usize) -> Vec<NodeId> {
        let new = || (first..self.len()).map(NodeId::new);
        let is_new = |id: &NodeId| id.index() >= first;
        let mut waits: Vec<usize> = new().map(|id| self.needs(id).filter(is_new).count()).collect();
        let mut order: Vec<NodeId> = new().filter(|id| waits[id.index() - first] == 0).collect();
        let mut next = 0;
        while let Some(&id) = order.get(next) {
            next += 1;
            for waiter in self.waiters(id).filter(is_new) {
                let waits = &mut waits[waiter.index() - first];
                *waits -= 1;
                if *waits == 0 {
                    order.push(waiter);
                }
            }
        }
        order
    }

    /// The graph under the names of the library that its algorithms work on.
    pub(super) fn inner(&self) -> &DiGraph<(), Edge, u32> {
        &self.inner
    }
}
