//! Draws the graph: the boxes and arrows that other programs lay out.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::outcome::Outcome;
use super::{Graph, Item, ModuleId, Modules, Node, NodeId};
use crate::step::Effect;

/// A drawing of steps, tokens, checks and outputs, in waves; computed values are passed through, and the
/// instances of a block are folded into one box.
pub struct Drawing {
    pub(super) boxes: Vec<Shape>,
    pub(super) arrows: BTreeSet<(usize, usize)>,
    /// The arrows along which a secret goes.
    pub(super) secrets: BTreeSet<(usize, usize)>,
}

/// A box of a drawing.
pub(super) struct Shape {
    pub label: String,
    pub kind: Kind,
    /// The number of boxes before it on the longest path to it.
    pub wave: usize,
    /// The address of the block, if the box stands for instances.
    pub block: String,
    /// The number of instances that it stands for.
    pub count: usize,
    /// The number of instances with each outcome, in a drawing of a run.
    pub outcomes: BTreeMap<Outcome, usize>,
}

/// The kind of a box.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A step that computes.
    Computes,
    /// A step that reads.
    Reads,
    /// A step that changes something.
    Changes,
    /// A token.
    Token,
    /// A check.
    Check,
    /// An output.
    Output,
}

impl Kind {
    /// The kinds of steps, with the words of the legend.
    pub(super) const STEPS: [(Self, &str); 3] =
        [(Self::Reads, "reads"), (Self::Changes, "changes something"), (Self::Computes, "computes")];
}

impl Drawing {
    /// Draws `graph` without the nodes for which `leaves_out` returns true; `effect` returns the effect of a
    /// step, and each of `chains` has the nodes along which a secret goes.
    #[must_use]
    pub fn new(
        graph: &Graph<Node>,
        modules: &Modules,
        effect: impl Fn(NodeId) -> Effect,
        leaves_out: impl Fn(NodeId) -> bool,
        chains: &[Vec<NodeId>],
    ) -> Self {
        let mut drawing = Self { boxes: Vec::new(), arrows: BTreeSet::new(), secrets: BTreeSet::new() };
        let mut blocks: HashMap<String, usize> = HashMap::new();
        // For each node, the boxes directly before its dependents: itself, or those before a computed value.
        let mut seen: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); graph.len()];
        let mut drawn: Vec<Option<usize>> = vec![None; graph.len()];
        for id in graph.order() {
            let before: BTreeSet<usize> =
                graph.needs(id).flat_map(|needed| seen[needed.index()].clone()).collect();
            let Some(kind) = kind(graph, id, &effect).filter(|_| !leaves_out(id)) else {
                seen[id.index()] = before;
                continue;
            };
            let node = graph.get(id);
            let block = modules.block_address(node);
            let at = *blocks.entry(block.clone()).or_insert(drawing.boxes.len());
            match drawing.boxes.get_mut(at) {
                Some(shape) => shape.add(kind),
                None => drawing.boxes.push(Shape::new(modules.address(node), kind, block)),
            }
            drawing.arrows.extend(before.into_iter().filter(|from| *from != at).map(|from| (from, at)));
            seen[id.index()] = BTreeSet::from([at]);
            drawn[id.index()] = Some(at);
        }
        for chain in chains {
            let boxes: Vec<usize> = chain.iter().filter_map(|id| drawn[id.index()]).collect();
            let pairs = boxes.windows(2).map(|pair| (pair[0], pair[1]));
            drawing.secrets.extend(pairs.filter(|pair| drawing.arrows.contains(pair)));
        }
        drawing.arrange();
        drawing
    }

    /// Sorts the boxes into waves. A box of folded instances may come after one that was drawn later.
    pub(super) fn arrange(&mut self) {
        let mut waiting = vec![0; self.boxes.len()];
        self.arrows.iter().for_each(|&(_, to)| waiting[to] += 1);
        let mut ready: Vec<usize> = (0..self.boxes.len()).filter(|&at| waiting[at] == 0).collect();
        while let Some(from) = ready.pop() {
            let wave = self.boxes[from].wave + 1;
            for &(_, to) in self.arrows.range((from, 0)..(from + 1, 0)) {
                self.boxes[to].wave = self.boxes[to].wave.max(wave);
                waiting[to] -= 1;
                if waiting[to] == 0 {
                    ready.push(to);
                }
            }
        }
    }

    /// Returns the boxes of each wave.
    pub(super) fn waves(&self) -> impl Iterator<Item = Vec<usize>> {
        let last = self.boxes.iter().map(|shape| shape.wave).max();
        (0..last.map_or(0, |last| last + 1))
            .map(|wave| (0..self.boxes.len()).filter(|&at| self.boxes[at].wave == wave).collect())
    }

    /// Returns the kinds of steps in the drawing, with the words of the legend.
    pub(super) fn legend(&self) -> Vec<(Kind, &'static str)> {
        let is_drawn = |(kind, _): &(Kind, &str)| self.boxes.iter().any(|shape| shape.kind == *kind);
        Kind::STEPS.into_iter().filter(is_drawn).collect()
    }
}

impl Shape {
    pub fn new(label: String, kind: Kind, block: String) -> Self {
        Self { label, kind, wave: 0, block, count: 1, outcomes: BTreeMap::new() }
    }

    /// Adds an instance to the box, which shows the greatest effect of all.
    pub fn add(&mut self, kind: Kind) {
        self.count += 1;
        self.kind = self.kind.max(kind);
        self.label = format!("{} [{} instances]", self.block, self.count);
    }
}

fn kind(graph: &Graph<Node>, id: NodeId, effect: impl Fn(NodeId) -> Effect) -> Option<Kind> {
    match graph.get(id) {
        Node::Item { item: Item::Step(_), .. } => Some(match effect(id) {
            Effect::Nothing => Kind::Computes,
            Effect::Reads => Kind::Reads,
            Effect::Changes => Kind::Changes,
        }),
        Node::Item { item: Item::Check(_), .. } => Some(Kind::Check),
        Node::Item { item: Item::Output(_), module: ModuleId::ROOT, .. } => Some(Kind::Output),
        Node::Item { .. } => None,
        Node::Token { .. } => Some(Kind::Token),
    }
}
