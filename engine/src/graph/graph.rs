//! The graph of a runbook.

use std::collections::{HashMap, HashSet};

use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;

use crate::runbook::Runbook;
use crate::source::Span;
use crate::step::Audience;

/// The number of a node.
pub type NodeId = NodeIndex<u32>;

/// One thing that is computed, read or done; the numbers are indexes into the runbook.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Node {
    /// A local value.
    Local(usize),
    /// A step.
    Step(usize),
    /// An output.
    Output(usize),
    /// A token that steps need.
    Token(Audience),
}

impl Node {
    /// The name by which people know it.
    #[must_use]
    pub fn address(&self, runbook: &Runbook) -> String {
        match self {
            Self::Local(index) => format!("local.{}", runbook.locals[*index].name.value),
            Self::Step(index) => runbook.steps[*index].address.to_string(),
            Self::Output(index) => format!("output.{}", runbook.outputs[*index].name.value),
            Self::Token(audience) => format!("token for {audience}"),
        }
    }
}

/// Why one node waits for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// It refers to it, here.
    Reference(Span),
    /// It says so in `depends_on`, here.
    DependsOn(Span),
    /// Its calls need the token.
    Token,
}

/// The nodes of a runbook, with an edge from each node to every node that waits for it.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    inner: DiGraph<Node, Edge, u32>,
    nodes: HashMap<Node, NodeId>,
    edges: HashSet<(NodeId, NodeId)>,
}

impl Graph {
    /// The number of `node`, which is added when it is new.
    pub fn node(&mut self, node: Node) -> NodeId {
        *self.nodes.entry(node).or_insert_with_key(|node| self.inner.add_node(node.clone()))
    }

    /// The number of `node`, when it is there.
    #[must_use]
    pub fn find(&self, node: &Node) -> Option<NodeId> {
        self.nodes.get(node).copied()
    }

    /// Lets `waiter` wait for `needed`; only the first reason is kept.
    pub fn connect(&mut self, needed: NodeId, waiter: NodeId, why: Edge) {
        if self.edges.insert((needed, waiter)) {
            self.inner.add_edge(needed, waiter, why);
        }
    }

    /// Lets a step wait for the token its calls need.
    pub fn need_token(&mut self, step: usize, audience: Audience) {
        let token = self.node(Node::Token(audience));
        let step = self.node(Node::Step(step));
        self.connect(token, step, Edge::Token);
    }

    /// How many nodes there are; their numbers are all below it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.inner.node_count()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All nodes, in the order they were added.
    pub fn nodes(&self) -> impl Iterator<Item = (NodeId, &Node)> {
        self.inner.node_indices().map(|id| (id, &self.inner[id]))
    }

    /// The node of that number.
    #[must_use]
    pub fn get(&self, id: NodeId) -> &Node {
        &self.inner[id]
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
        let mut waits: Vec<usize> = self.inner.node_indices().map(|id| self.needs(id).count()).collect();
        let mut order: Vec<NodeId> = self.inner.node_indices().filter(|id| waits[id.index()] == 0).collect();
        let mut next = 0;
        while let Some(&id) = order.get(next) {
            next += 1;
            for waiter in self.waiters(id) {
                waits[waiter.index()] -= 1;
                if waits[waiter.index()] == 0 {
                    order.push(waiter);
                }
            }
        }
        order
    }

    /// The graph under the names of the library that its algorithms work on.
    pub(super) fn inner(&self) -> &DiGraph<Node, Edge, u32> {
        &self.inner
    }
}
