//! The parts of a drawing as data, each with the parts that it comes after.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use super::draw::Shape;
use super::{Drawing, Graph, Item, Kind, ModuleId, Modules, Node, NodeId, Outcome};
use crate::redact::Redact;
use crate::step::Effect;

/// The number of parts before a computed value, above which the value is a part of its own: otherwise many parts that
/// come after many others would each name them all.
const MANY: usize = 8;

/// A part of a drawing: a token, a check, an output, the instances of a step, or a point where arrows meet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
pub struct DrawnPart {
    /// The address of the block, which all its instances share, or the name of a token or a point.
    pub block: String,
    /// The address of the instance, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The kind; none for a point where arrows meet, which is passed through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// The number of instances.
    pub instances: usize,
    /// The blocks that it comes after.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub after: BTreeSet<String>,
    /// Those among them from which a secret goes to it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub secrets_from: BTreeSet<String>,
}

/// The number of instances of a block with each outcome, by block.
pub type Outcomes = HashMap<String, BTreeMap<Outcome, usize>>;

impl DrawnPart {
    /// Returns a part of one instance that comes after nothing.
    #[must_use]
    pub fn new(address: &str, block: String, kind: Kind) -> Self {
        let instance = (address != block).then(|| address.to_owned());
        let kind = Some(kind);
        Self { block, instance, kind, instances: 1, after: BTreeSet::new(), secrets_from: BTreeSet::new() }
    }

    /// Adds an instance; the part has the greatest effect of all.
    fn add(&mut self, kind: Option<Kind>) {
        self.instances += 1;
        self.instance = None;
        self.kind = self.kind.max(kind);
    }

    /// Names the part: the address of its only instance, or that of the block with the number of instances.
    pub(super) fn label(&self) -> String {
        match (&self.instance, self.instances) {
            (Some(instance), 1) => instance.clone(),
            (None, 1) => self.block.clone(),
            (_, count) => format!("{} [{count} instances]", self.block),
        }
    }
}

/// Returns the parts of `graph` without the nodes for which `leaves_out` returns true; `effect` returns the effect of a
/// step, and each of `chains` has the nodes along which a secret goes.
#[must_use]
pub fn drawn_parts(
    graph: &Graph<Node>,
    modules: &Modules,
    effect: impl Fn(NodeId) -> Effect,
    leaves_out: impl Fn(NodeId) -> bool,
    chains: &[Vec<NodeId>],
) -> Vec<DrawnPart> {
    let mut parts: Vec<DrawnPart> = Vec::new();
    let mut after: Vec<BTreeSet<usize>> = Vec::new();
    let mut blocks: HashMap<String, usize> = HashMap::new();
    // For each node, the parts directly before its dependents: itself, or those before a computed value.
    let mut seen: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); graph.len()];
    let mut drawn: Vec<Option<usize>> = vec![None; graph.len()];
    for id in graph.order() {
        let before: BTreeSet<usize> =
            graph.needs(id).flat_map(|needed| seen[needed.index()].iter().copied()).collect();
        let kind = kind(graph, id, &effect).filter(|_| !leaves_out(id));
        if kind.is_none() && before.len() <= MANY {
            seen[id.index()] = before;
            continue;
        }
        let node = graph.get(id);
        let point = || format!("point {}", parts.len());
        let (address, block) = match kind {
            Some(_) => (modules.address(node), modules.block_address(node)),
            None => (point(), point()),
        };
        let at = *blocks.entry(block.clone()).or_insert(parts.len());
        if let Some(part) = parts.get_mut(at) {
            part.add(kind);
        } else {
            parts.push(DrawnPart { kind, ..DrawnPart::new(&address, block, Kind::Computes) });
            after.push(BTreeSet::new());
        }
        after[at].extend(before.into_iter().filter(|from| *from != at));
        seen[id.index()] = BTreeSet::from([at]);
        drawn[id.index()] = kind.map(|_| at);
    }
    let names: Vec<String> = parts.iter().map(|part| part.block.clone()).collect();
    for (part, after) in parts.iter_mut().zip(after) {
        part.after = after.into_iter().map(|from| names[from].clone()).collect();
    }
    for chain in chains {
        let passed: Vec<usize> = chain.iter().filter_map(|id| drawn[id.index()]).collect();
        for pair in passed.windows(2).filter(|pair| pair[0] != pair[1]) {
            parts[pair[1]].secrets_from.insert(names[pair[0]].clone());
        }
    }
    parts
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
        Self::of_parts(&drawn_parts(graph, modules, effect, leaves_out, chains), &Outcomes::new())
    }

    /// Draws parts, each with its outcomes, if it has any. A name of no part is passed over.
    #[must_use]
    pub fn of_parts(parts: &[DrawnPart], outcomes: &Outcomes) -> Self {
        let mut drawing = Self { boxes: Vec::new(), arrows: BTreeSet::new(), secrets: BTreeSet::new() };
        let mut boxes: HashMap<&str, usize> = HashMap::new();
        for part in parts {
            let Some(kind) = part.kind else { continue };
            boxes.entry(&part.block).or_insert(drawing.boxes.len());
            let mut shape = Shape::new(part.label(), kind, part.block.clone());
            shape.count = part.instances;
            shape.outcomes = outcomes.get(&part.block).cloned().unwrap_or_default();
            drawing.boxes.push(shape);
        }
        let points = Points::of(parts);
        for part in parts {
            let Some(&to) = boxes.get(part.block.as_str()).filter(|_| part.kind.is_some()) else { continue };
            let arrow = |block: &str| boxes.get(block).filter(|from| **from != to).map(|from| (*from, to));
            drawing.arrows.extend(points.before(&part.after).into_iter().filter_map(arrow));
            drawing.secrets.extend(part.secrets_from.iter().filter_map(|block| arrow(block)));
        }
        drawing.secrets.retain(|arrow| drawing.arrows.contains(arrow));
        drawing.arrange();
        drawing
    }
}

/// The points where arrows meet, by name, each with what it comes after.
struct Points<'a>(HashMap<&'a str, &'a BTreeSet<String>>);

impl<'a> Points<'a> {
    fn of(parts: &'a [DrawnPart]) -> Self {
        let points = parts.iter().filter(|part| part.kind.is_none());
        Self(points.map(|part| (part.block.as_str(), &part.after)).collect())
    }

    /// Returns the parts that lead to `after` directly or through points.
    fn before(&self, after: &'a BTreeSet<String>) -> BTreeSet<&'a str> {
        let mut found = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut queue: Vec<&str> = after.iter().map(String::as_str).collect();
        while let Some(name) = queue.pop() {
            match self.0.get(name) {
                Some(before) if seen.insert(name) => queue.extend(before.iter().map(String::as_str)),
                Some(_) => {}
                None => drop(found.insert(name)),
            }
        }
        found
    }
}

fn kind(graph: &Graph<Node>, id: NodeId, effect: impl Fn(NodeId) -> Effect) -> Option<Kind> {
    match graph.get(id) {
        Node::Item { item: Item::Step(_), .. } => Some(Kind::of(effect(id))),
        Node::Item { item: Item::Check(_), .. } => Some(Kind::Check),
        Node::Item { item: Item::Output(_), module: ModuleId::ROOT, .. } => Some(Kind::Output),
        Node::Item { .. } => None,
        Node::Token { .. } => Some(Kind::Token),
    }
}
