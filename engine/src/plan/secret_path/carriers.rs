//! Finds the values that carry each secret.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::graph::{Edge, Item, ModuleId, Node, NodeId};
use crate::plan::Plan;
use crate::source::Span;
use crate::value::{Marks, Value};

/// The secrets in the value of each node, and the node that each came from.
pub(super) struct Carriers<'a> {
    plan: &'a Plan,
    /// By node: each origin with the node before it on the way; none where the way begins.
    held: Vec<BTreeMap<Arc<str>, Option<NodeId>>>,
}

impl<'a> Carriers<'a> {
    /// Follows the marks of values through the graph of a plan, along its references.
    pub fn of(plan: &'a Plan) -> Self {
        let mut carriers = Self { plan, held: vec![BTreeMap::new(); plan.graph.len()] };
        for id in plan.graph.order() {
            let held = match value(plan, id) {
                Some(value) if !value.has_deep_marks() => continue,
                Some(value) => {
                    let before = carriers.before(id, None);
                    let from = |origin: &str| before.get(origin).copied();
                    value.deep_marks().origins().map(|origin| (origin.into(), from(origin))).collect()
                }
                // A block without a value of its own passes on the secrets in the number of its instances.
                None => {
                    carriers.before(id, None).into_iter().map(|(origin, from)| (origin, Some(from))).collect()
                }
            };
            carriers.held[id.index()] = held;
        }
        carriers
    }

    /// Returns the secrets that the nodes before `id` hold, each with the first of these nodes; those that are
    /// referenced in `within` come first.
    fn before(&self, id: NodeId, within: Option<Span>) -> BTreeMap<Arc<str>, NodeId> {
        let mut before = BTreeMap::new();
        let references = || {
            let needs = self.plan.graph.needs_with_reason(id);
            needs.filter(|(_, why)| !matches!(why, Edge::DependsOn(_) | Edge::Token))
        };
        let is_within = |why: &Edge| match (why, within) {
            (Edge::Reference(span), Some(within)) => within.contains(*span),
            _ => false,
        };
        let (near, far): (Vec<_>, Vec<_>) = references().partition(|(_, why)| is_within(why));
        for (needed, _) in near.into_iter().chain(far) {
            for origin in self.held[needed.index()].keys() {
                before.entry(origin.clone()).or_insert(needed);
            }
        }
        before
    }

    /// Returns the nodes that carry a secret to the expression at `within` of the node `id`, from its source on.
    pub fn way(&self, id: NodeId, within: Option<Span>, origin: &str) -> Vec<NodeId> {
        let mut way = Vec::new();
        let mut next = self.before(id, within).get(origin).copied();
        while let Some(node) = next {
            way.push(node);
            next = self.held[node.index()].get(origin).copied().flatten();
        }
        way.reverse();
        way
    }
}

/// Returns the value of a node as others read it; none if it has none.
fn value(plan: &Plan, id: NodeId) -> Option<Value> {
    let Node::Item { module, item, instance } = plan.graph.get(id) else { return None };
    let known = plan.state.known(*module);
    match *item {
        Item::Variable(index) => known.variables[index].clone(),
        Item::Local(index) => known.locals[index].clone(),
        Item::Output(index) => Some(plan.state.output(*module, index)),
        Item::Step(index) => plan.state.step(*module, index, instance),
        _ => None,
    }
}

/// Returns the marks of the secrets that end in a node: in the arguments of a step or an identity, or in an output.
fn arriving(plan: &Plan, id: NodeId) -> Marks {
    let all = |arguments: &[(String, Value)]| arguments.iter().map(|(_, value)| value.deep_marks()).collect();
    match plan.graph.get(id) {
        Node::Item { item: Item::Step(_), .. } => {
            plan.by_node.get(&id).map_or(Marks::NONE, |at| all(&plan.steps[*at].arguments))
        }
        Node::Item { module, item: Item::Identity(index), .. } => {
            plan.state.identity(*module, *index).map_or(Marks::NONE, |identity| all(&identity.arguments))
        }
        Node::Item { module: ModuleId::ROOT, item: Item::Output(_), .. } => {
            value(plan, id).map_or(Marks::NONE, |value| value.deep_marks())
        }
        _ => Marks::NONE,
    }
}

/// Returns the ways of all secrets: chains of nodes, each of which carries the secret to the next one, up to the step,
/// the identity or the output where it ends.
#[must_use]
pub fn secret_chains(plan: &Plan) -> Vec<Vec<NodeId>> {
    let carriers = Carriers::of(plan);
    let mut chains = Vec::new();
    for (id, _) in plan.graph.nodes() {
        for origin in arriving(plan, id).origins() {
            let mut chain = carriers.way(id, None, origin);
            chain.push(id);
            chains.push(chain);
        }
    }
    chains
}
