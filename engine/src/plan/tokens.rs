//! Adds the tokens that steps need to the graph of a plan or a run.

use std::collections::{HashMap, HashSet};

use crate::diagnostic::Diagnostics;
use crate::graph::{Acting, Graph, Item, Node, NodeId, cycles};
use crate::step::{Action, ActionKind, Audience};

use super::{Plan, PlannedStep, PlannedToken, State};

/// Makes the steps of a plan wait for their tokens; returns the tokens, those of the machine first.
pub fn add(graph: &mut Graph<Node>, state: &State, steps: &[PlannedStep]) -> Vec<PlannedToken> {
    let mut tokens: Vec<PlannedToken> = Vec::new();
    let mut known = HashMap::new();
    for step in steps {
        let Some(acting) = acting(graph, state, step.node) else { continue };
        for audience in need(graph, step.node, acting, &step.actions) {
            let at = *known.entry((acting, audience.clone())).or_insert_with(|| {
                tokens.push(PlannedToken { acting, audience, steps: Vec::new() });
                tokens.len() - 1
            });
            if tokens[at].steps.last() != Some(&step.address) {
                tokens[at].steps.push(step.address.clone());
            }
        }
    }
    tokens.sort_by(|a, b| (a.acting, &a.audience).cmp(&(b.acting, &b.audience)));
    tokens
}

/// Makes the nodes from index `first` on, which a run has added, wait for the tokens that the plan lists for
/// them.
pub fn add_late(plan: &Plan, graph: &mut Graph<Node>, state: &State, first: usize) {
    let new: Vec<_> = graph.nodes().skip(first).map(|(id, node)| (id, node.clone())).collect();
    for (id, node) in new {
        let (Some(planned), Some(acting)) = (plan.step(state, &node), acting(graph, state, id)) else {
            continue;
        };
        need(graph, id, acting, &planned.actions);
    }
}

/// Returns the identity that acts in a step; none for a node of another kind.
#[must_use]
pub fn acting(graph: &Graph<Node>, state: &State, id: NodeId) -> Option<Acting> {
    match graph.get(id) {
        Node::Item { module, item: Item::Step(index), .. } => Some(state.modules.acting(*module, *index)),
        _ => None,
    }
}

/// Makes a step wait for the tokens of its actions; returns their audiences.
fn need(graph: &mut Graph<Node>, id: NodeId, acting: Acting, actions: &[Action]) -> Vec<Audience> {
    let audiences: Vec<Audience> = actions.iter().filter_map(Action::audience).cloned().collect();
    for audience in &audiences {
        graph.need_token(id, acting, audience.clone());
    }
    // The audience of a token that a step takes may be known only while it runs.
    if actions.iter().any(|action| matches!(action.kind, ActionKind::Token(_))) {
        graph.need_identity(id, acting);
    }
    audiences
}

/// Returns the address of the identity as which a step with these actions acts; none if it needs no token.
#[must_use]
pub fn acts_as(graph: &Graph<Node>, state: &State, id: NodeId, actions: &[Action]) -> Option<String> {
    let needs = |action: &Action| action.audience().is_some() || matches!(action.kind, ActionKind::Token(_));
    let acting = acting(graph, state, id).filter(|_| actions.iter().any(needs))?;
    Some(state.modules.acting_address(acting))
}

impl Plan {
    /// Returns the address of the identity as which a step acts, or `machine`; none if it needs no token.
    #[must_use]
    pub fn acts_as(&self, step: &PlannedStep) -> Option<String> {
        acts_as(&self.graph, &self.state, step.node, &step.actions)
    }

    /// Returns the address of a step for which an identity waits before it gets a token; none if it waits for no step.
    #[must_use]
    pub fn acts_after(&self, acting: Acting) -> Option<String> {
        let mut queue: Vec<NodeId> =
            acting.node().and_then(|node| self.graph.find(&node)).into_iter().collect();
        let mut seen = HashSet::new();
        while let Some(id) = queue.pop() {
            match self.graph.get(id) {
                node @ Node::Item { item: Item::Step(_), .. } => {
                    return Some(self.state.modules.address(node));
                }
                _ if seen.insert(id) => queue.extend(self.graph.needs(id)),
                _ => {}
            }
        }
        None
    }

    /// Returns an error for each cycle that a token closes: an identity needs a step that acts as it.
    ///
    /// Without tokens the graph has no cycles.
    pub(super) fn check_tokens(&self) -> Diagnostics {
        let is_declared = |token: &PlannedToken| token.acting != Acting::Machine;
        if !self.tokens.iter().any(is_declared) || self.graph.order().len() == self.graph.len() {
            return Diagnostics::new();
        }
        cycles(&self.graph, |node| self.state.modules.address(node))
            .into_iter()
            .map(|error| error.help("let another identity act in that step: `identity = identity.kind.name`"))
            .collect()
    }
}
