//! Applies a selection to the nodes of a graph.

use std::collections::{BTreeSet, HashMap};

use crate::diagnostic::Diagnostics;
use crate::graph::{Graph, Instance, Item, ModuleId, Node, NodeId};
use crate::runbook::Step;
use crate::step::Effect;

use super::State;
use super::address::{Address, Located, Relation};

/// Decides which nodes of a graph run, and why the others do not; by default all run.
///
/// A target runs with everything that it needs. An excluded node is left out with everything that needs it. A
/// cleanup step runs if a step that it names runs and changes something; the other steps that it names read
/// as null, as if they had not run. Read-only dependencies of a cleanup step run; mutating ones do not.
#[derive(Clone, Default)]
pub struct TargetFilter {
    targets: Vec<TargetRef>,
    excludes: Vec<TargetRef>,
    /// The path of each module.
    paths: Vec<Vec<(usize, Instance)>>,
    /// The decision for each node; empty without a selection.
    decisions: Vec<NodeDecision>,
    /// For placeholder nodes: the targets that may need one of their instances.
    possible: HashMap<NodeId, Vec<usize>>,
}

/// An address with its location.
#[derive(Clone)]
struct TargetRef {
    address: Address,
    located: Located,
    /// The closest relation of any node to the address; the named instance may be added only while running.
    nearest: Relation,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct NodeDecision {
    /// True if the node is a target, or a target needs it.
    wanted: bool,
    /// The reason why the node is left out, if it is.
    because: Option<Because>,
    /// The exclusion among its direct and indirect dependencies, if any.
    excluded: Option<usize>,
    /// True if the node directly depends on a step that runs and changes something. Computed nodes pass this
    /// on.
    follows: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Because {
    NotTargeted,
    /// The node needs that node, which is not targeted.
    Untargeted(NodeId),
    /// The exclusion with this index matches the node.
    Excluded(usize),
    /// The node needs one that the exclusion with this index matches.
    NeedsExcluded(usize),
}

/// The graph and the state that the filter reads.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The graph.
    pub graph: &'a Graph<Node>,
    /// The state, which describes its nodes.
    pub state: &'a State,
}

impl View<'_> {
    fn step(&self, id: NodeId) -> Option<&Step> {
        match self.graph.get(id) {
            Node::Item { module, item: Item::Step(index), .. } => {
                Some(&self.state.runbook(*module).steps[*index])
            }
            _ => None,
        }
    }

    fn cleans_up(&self, id: NodeId) -> bool {
        self.step(id).is_some_and(|step| step.control.run_on.is_cleanup())
    }

    /// Returns the outermost unexpanded block that contains a placeholder node; none for any other node.
    fn region(&self, id: NodeId) -> Option<Region> {
        let Node::Item { module, instance, .. } = self.graph.get(id) else { return None };
        let (mut outermost, mut at) = (None, *module);
        while let Some(user) = &self.state.modules.get(at).user {
            if user.instance == Instance::Each {
                outermost = Some(Region::Module(at));
            }
            at = user.module;
        }
        outermost.or_else(|| (*instance == Instance::Each).then_some(Region::Step(id)))
    }
}

#[derive(PartialEq)]
enum Region {
    Module(ModuleId),
    Step(NodeId),
}

fn changes(step: &Step) -> bool {
    step.step_type.schema().effect == Effect::Changes
}

impl TargetFilter {
    /// Applies targets and exclusions to a plan.
    #[must_use]
    pub fn new(targets: Vec<(Address, Located)>, excludes: Vec<(Address, Located)>, view: View<'_>) -> Self {
        let place = |(address, located)| TargetRef { address, located, nearest: Relation::Apart };
        let mut target_filter = Self {
            targets: targets.into_iter().map(place).collect(),
            excludes: excludes.into_iter().map(place).collect(),
            decisions: vec![NodeDecision::default(); view.graph.len()],
            ..Self::default()
        };
        target_filter.learn_paths(view.state);
        let order = view.graph.order();
        target_filter.seek(view);
        target_filter.want_for_cleanup(view, &order);
        for &id in &order {
            target_filter.decisions[id.index()] = target_filter.judge(view, id);
        }
        target_filter.leave_out_tokens(view);
        target_filter.note_the_nearest(view, 0);
        target_filter
    }

    /// Returns true if the filter leaves nothing out.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.decisions.is_empty()
    }

    /// Returns true if a node is left out.
    #[must_use]
    pub fn leaves_out(&self, id: NodeId) -> bool {
        self.decisions.get(id.index()).is_some_and(|decision| decision.because.is_some())
    }

    /// Returns all nodes that are left out.
    pub fn left_out(&self) -> impl Iterator<Item = NodeId> {
        (0..self.decisions.len()).map(NodeId::new).filter(|id| self.leaves_out(*id))
    }

    /// Describes why a node is left out.
    #[must_use]
    pub fn because(&self, view: View<'_>, id: NodeId) -> String {
        match self.decisions.get(id.index()).and_then(|decision| decision.because) {
            None => String::new(),
            Some(Because::NotTargeted) => "not targeted".to_owned(),
            Some(Because::Excluded(_)) => "excluded".to_owned(),
            Some(Because::Untargeted(needed)) => {
                format!("needs {}, which is not targeted", view.state.modules.address(view.graph.get(needed)))
            }
            Some(Because::NeedsExcluded(at)) => {
                format!("needs {}, which is excluded", self.excludes[at].address)
            }
        }
    }

    /// Returns the addresses of a placeholder's instances that run, and of those that are left out; empty if
    /// unrestricted.
    #[must_use]
    pub fn limits(&self, view: View<'_>, id: NodeId) -> (Vec<String>, Vec<String>) {
        let text = |place: &TargetRef| place.address.to_string();
        let wanted = self.decisions.get(id.index()).is_some_and(|decision| decision.wanted);
        let only = self.possible.get(&id).filter(|_| !wanted);
        let only = only.into_iter().flatten().map(|&at| text(&self.targets[at])).collect();
        let but = self.excludes.iter().filter(|place| self.relation(view, place, id) == Relation::Perhaps);
        (only, but.map(text).collect())
    }

    /// Returns an error for each address whose instance does not and will not exist, with the existing
    /// instances.
    #[must_use]
    pub fn unknown(&self, view: View<'_>) -> Diagnostics {
        let unknown = self.missing().filter(|place| place.nearest < Relation::Perhaps);
        unknown.map(|place| place.address.no_instance(&self.instances(view, place))).collect()
    }

    /// Returns the addresses whose instances do not exist after expansion.
    pub fn unmet(&self) -> impl Iterator<Item = &Address> {
        self.missing().map(|place| &place.address)
    }

    fn missing(&self) -> impl Iterator<Item = &TargetRef> {
        let places = self.targets.iter().chain(&self.excludes);
        places.filter(|place| place.address.has_keys() && place.nearest < Relation::Within)
    }

    /// Returns the instances of the named block.
    fn instances(&self, view: View<'_>, place: &TargetRef) -> Vec<String> {
        let any = TargetRef { located: place.located.any_instance(), ..place.clone() };
        let nodes = view.graph.nodes().filter(|(id, _)| self.relation(view, &any, *id) == Relation::Within);
        nodes
            .filter(|(id, _)| view.step(*id).is_some())
            .map(|(_, node)| view.state.modules.address(node))
            .collect()
    }

    /// Decides about the nodes from index `first` on, which the run has added; returns all nodes that are
    /// newly left out.
    pub fn extend(&mut self, view: View<'_>, first: usize) -> Vec<NodeId> {
        if self.is_whole() {
            return Vec::new();
        }
        self.learn_paths(view.state);
        self.decisions.resize(view.graph.len(), NodeDecision::default());
        let mut found = Vec::new();
        let mut waiters = BTreeSet::new();
        for id in view.graph.order_from(first) {
            self.decisions[id.index()].wanted = self.is_wanted(view, first, id);
            self.decisions[id.index()] = self.judge(view, id);
            found.extend(self.leaves_out(id).then_some(id));
            waiters.extend(view.graph.waiters(id).filter(|waiter| waiter.index() < first));
        }
        while let Some(id) = waiters.pop_first() {
            let decision = self.judge(view, id);
            if self.leaves_out(id) || decision == self.decisions[id.index()] {
                continue;
            }
            found.extend(decision.because.map(|_| id));
            self.decisions[id.index()] = decision;
            waiters.extend(view.graph.waiters(id));
        }
        self.note_the_nearest(view, first);
        found
    }

    fn learn_paths(&mut self, state: &State) {
        let new = state.modules.iter().skip(self.paths.len());
        let paths: Vec<_> = new.map(|(id, _)| state.modules.path(id)).collect();
        self.paths.extend(paths);
    }

    fn relation(&self, view: View<'_>, place: &TargetRef, id: NodeId) -> Relation {
        match view.graph.get(id) {
            Node::Item { module, item, instance } => {
                place.located.relation(&self.paths[module.index()], *item, instance)
            }
            Node::Token { .. } => Relation::Apart,
        }
    }

    /// Returns the exclusion that matches a node itself.
    fn exclusion(&self, view: View<'_>, id: NodeId) -> Option<usize> {
        self.excludes.iter().position(|place| self.relation(view, place, id) == Relation::Within)
    }

    /// Marks the targets and their dependencies.
    fn seek(&mut self, view: View<'_>) {
        let mut certain = Vec::new();
        let mut possible = vec![Vec::new(); self.targets.len()];
        for (id, node) in view.graph.nodes() {
            if !matches!(node, Node::Item { item: Item::Step(_) | Item::Check(_) | Item::Output(_), .. }) {
                continue;
            }
            for (at, target) in self.targets.iter().enumerate() {
                match self.relation(view, target, id) {
                    Relation::Within => certain.push(id),
                    Relation::Perhaps => possible[at].push(id),
                    Relation::Apart | Relation::Other => {}
                }
            }
        }
        self.want(view, certain, |_| true);
        for (target, nodes) in possible.into_iter().enumerate() {
            self.want_possibly(view, target, nodes);
        }
    }

    /// Marks these nodes and all their dependencies, as far as `admits` allows.
    fn want(&mut self, view: View<'_>, mut nodes: Vec<NodeId>, admits: impl Fn(NodeId) -> bool) {
        while let Some(id) = nodes.pop() {
            if admits(id) && !std::mem::replace(&mut self.decisions[id.index()].wanted, true) {
                nodes.extend(view.graph.needs(id));
            }
        }
    }

    /// Marks the instances behind these placeholders that `target` may need.
    ///
    /// Nodes outside the unexpanded block are needed whichever instances the block has.
    fn want_possibly(&mut self, view: View<'_>, target: usize, mut nodes: Vec<NodeId>) {
        let mut outside = Vec::new();
        while let Some(id) = nodes.pop() {
            let targets = self.possible.entry(id).or_default();
            if targets.last() == Some(&target) {
                continue;
            }
            targets.push(target);
            let region = view.region(id);
            let (inside, other) =
                view.graph.needs(id).partition::<Vec<_>, _>(|needed| view.region(*needed) == region);
            nodes.extend(inside);
            outside.extend(other);
        }
        self.want(view, outside, |_| true);
    }

    /// Marks the nodes that the cleanup steps of targets read.
    fn want_for_cleanup(&mut self, view: View<'_>, order: &[NodeId]) {
        if self.targets.is_empty() {
            return;
        }
        let mut follows = vec![false; view.graph.len()];
        // True for a cleanup step that runs because a step before it does.
        let mut cleans = vec![false; view.graph.len()];
        // True for a node that runs for the targets, or that neither changes anything nor needs a change.
        let mut harmless = vec![false; view.graph.len()];
        let mut needed = Vec::new();
        for &id in order {
            let is_wanted = |id: &NodeId| self.decisions[id.index()].wanted || self.possible.contains_key(id);
            follows[id.index()] = view.graph.needs(id).any(|before| match view.step(before) {
                Some(step) => changes(step) && (is_wanted(&before) || cleans[before.index()]),
                None => follows[before.index()],
            });
            let is_harmless = |step: &Step| !changes(step) && !step.control.run_on.is_cleanup();
            harmless[id.index()] = is_wanted(&id)
                || (view.step(id).is_none_or(is_harmless)
                    && view.graph.needs(id).all(|before| harmless[before.index()]));
            if view.cleans_up(id) && follows[id.index()] && self.exclusion(view, id).is_none() {
                cleans[id.index()] = true;
                needed.extend(view.graph.needs(id));
            }
        }
        self.want(view, needed, |id| harmless[id.index()]);
    }

    /// Returns true if the target matches or needs a node that the run has added.
    fn is_wanted(&self, view: View<'_>, first: usize, id: NodeId) -> bool {
        let planned = view.state.planned_as(view.graph.get(id));
        let mut planned = planned.iter().filter_map(|node| view.graph.find(node));
        let Some(planned) = planned.find(|planned| planned.index() < first) else { return false };
        let is_meant = |at: &usize| self.relation(view, &self.targets[*at], id) != Relation::Other;
        self.decisions[planned.index()].wanted
            || self.possible.get(&planned).is_some_and(|targets| targets.iter().any(is_meant))
    }

    /// Decides about a node; all its dependencies must be decided.
    fn judge(&self, view: View<'_>, id: NodeId) -> NodeDecision {
        let mut decision =
            NodeDecision { wanted: self.decisions[id.index()].wanted, ..NodeDecision::default() };
        let (mut missing, mut is_lost) = (None, false);
        for needed in view.graph.needs(id) {
            let before = &self.decisions[needed.index()];
            decision.follows |= match view.step(needed) {
                Some(step) => changes(step) && before.because.is_none(),
                None => before.follows,
            };
            decision.excluded = decision.excluded.into_iter().chain(before.excluded).min();
            if let Some(because) = before.because {
                is_lost |= view.graph.get(needed).is_vital();
                missing = missing.or(Some(match because {
                    Because::NotTargeted => Because::Untargeted(needed),
                    other => other,
                }));
            }
        }
        let own = self.exclusion(view, id);
        let is_step = view.step(id).is_some();
        decision.because = if let Some(own) = own {
            decision.excluded = decision.excluded.into_iter().chain([own]).min();
            Some(Because::Excluded(own))
        } else if view.cleans_up(id) && decision.follows && !is_lost {
            None
        } else if let Some(at) = decision.excluded {
            Some(Because::NeedsExcluded(at))
        } else if is_step && !self.targets.is_empty() && !decision.wanted && !self.possible.contains_key(&id)
        {
            Some(Because::NotTargeted)
        } else {
            missing
        };
        decision
    }

    fn leave_out_tokens(&mut self, view: View<'_>) {
        for (id, _) in view.graph.nodes().filter(|(_, node)| matches!(node, Node::Token { .. })) {
            if view.graph.waiters(id).all(|waiter| self.leaves_out(waiter)) {
                self.decisions[id.index()].because = Some(Because::NotTargeted);
            }
        }
    }

    fn note_the_nearest(&mut self, view: View<'_>, first: usize) {
        for at in first..view.graph.len() {
            let Node::Item { module, item, instance } = view.graph.get(NodeId::new(at)) else { continue };
            let path = &self.paths[module.index()];
            for place in self.targets.iter_mut().chain(&mut self.excludes) {
                place.nearest = place.nearest.max(place.located.relation(path, *item, instance));
            }
        }
    }
}
