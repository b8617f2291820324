//! Stores nodes and their dependencies.

use std::hash::Hash;

use indexmap::IndexSet;
use petgraph::Direction;
use petgraph::graph::{DiGraph, EdgeIndex, NodeIndex};
use petgraph::visit::EdgeRef;
use rustc_hash::{FxBuildHasher, FxHashSet};

use crate::source::Span;

/// The index of a node.
pub type NodeId = NodeIndex<u32>;

/// The reason why one node waits for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// A reference at this span.
    Reference(Span),
    /// A `depends_on` at this span.
    DependsOn(Span),
    /// The calls of the waiting node need the token.
    Token,
    /// One node is a part of the other.
    Part,
}

/// A graph with an edge from each node to every node that waits for it.
#[derive(Clone, Debug)]
pub struct Graph<N> {
    inner: DiGraph<(), Edge, u32>,
    nodes: IndexSet<N, FxBuildHasher>,
    edges: FxHashSet<(NodeId, NodeId)>,
}

impl<N> Default for Graph<N> {
    fn default() -> Self {
        Self { inner: DiGraph::default(), nodes: IndexSet::default(), edges: FxHashSet::default() }
    }
}

impl<N: Clone + Eq + Hash> Graph<N> {
    /// Returns the index of `node`, adding it if it is new.
    pub fn node(&mut self, node: N) -> NodeId {
        match self.nodes.insert_full(node) {
            (_, true) => self.inner.add_node(()),
            (at, false) => NodeId::new(at),
        }
    }

    /// Returns the index of `node`, if the graph contains it.
    #[must_use]
    pub fn find(&self, node: &N) -> Option<NodeId> {
        self.nodes.get_index_of(node).map(NodeId::new)
    }

    /// Makes `waiter` wait for `needed`; only the first reason is kept.
    pub fn connect(&mut self, needed: NodeId, waiter: NodeId, why: Edge) {
        if self.edges.insert((needed, waiter)) {
            self.inner.add_edge(needed, waiter, why);
        }
    }

    /// Returns the number of nodes; all indexes are below it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.inner.node_count()
    }

    /// Returns the number of edges, which are counted in insertion order.
    #[must_use]
    pub fn edge_count(&self) -> usize {
        self.inner.edge_count()
    }

    /// Returns the edges from number `first` on, as needed and waiting nodes.
    pub fn edges_from(&self, first: usize) -> impl Iterator<Item = (NodeId, NodeId)> {
        (first..self.edge_count()).filter_map(|at| self.inner.edge_endpoints(EdgeIndex::new(at)))
    }

    /// Returns true if there are no nodes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns all nodes in insertion order.
    pub fn nodes(&self) -> impl Iterator<Item = (NodeId, &N)> {
        self.nodes.iter().enumerate().map(|(at, node)| (NodeId::new(at), node))
    }

    /// Returns the node with that index.
    #[must_use]
    pub fn get(&self, id: NodeId) -> &N {
        &self.nodes[id.index()]
    }

    /// Returns the dependencies of `id`.
    pub fn needs(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        self.inner.neighbors_directed(id, Direction::Incoming)
    }

    /// Returns the dependencies of `id` with the reasons; a reference is the reason even if there is another one.
    pub fn needs_with_reason(&self, id: NodeId) -> impl Iterator<Item = (NodeId, Edge)> {
        self.inner.edges_directed(id, Direction::Incoming).map(|edge| (edge.source(), *edge.weight()))
    }

    /// Returns the dependents of `id`.
    pub fn waiters(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        self.inner.neighbors_directed(id, Direction::Outgoing)
    }

    /// Returns the dependents of `id` with the reasons.
    pub(super) fn waiters_with_reason(&self, id: NodeId) -> impl Iterator<Item = (NodeId, Edge)> {
        self.inner.edges_directed(id, Direction::Outgoing).map(|edge| (edge.target(), *edge.weight()))
    }

    /// Returns all nodes, each after its dependencies.
    ///
    /// A graph from [`build`](super::build) has no cycles; in another one, nodes on cycles are left out.
    #[must_use]
    pub fn order(&self) -> Vec<NodeId> {
        self.order_from(0)
    }

    /// Returns the nodes from index `first` on, each after its dependencies among them.
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

    /// Returns the graph in the form that the library's algorithms need.
    pub(super) fn inner(&self) -> &DiGraph<(), Edge, u32> {
        &self.inner
    }
}
