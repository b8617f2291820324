//! The graph as text that other programs draw.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::{Graph, Item, ModuleId, Modules, Node, NodeId};

/// What is drawn: steps, tokens, checks and outputs, in waves; what is only computed is passed through.
pub struct Drawing {
    boxes: Vec<Shape>,
    arrows: BTreeSet<(usize, usize)>,
}

struct Shape {
    label: String,
    kind: Kind,
    /// How many boxes are before it on the longest way to it.
    wave: usize,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Step,
    Token,
    Check,
    Output,
}

impl Drawing {
    /// Draws `graph`, but for what `leaves_out` says.
    #[must_use]
    pub fn new(graph: &Graph<Node>, modules: &Modules, leaves_out: impl Fn(NodeId) -> bool) -> Self {
        let mut boxes: Vec<Shape> = Vec::new();
        let mut arrows = BTreeSet::new();
        // For each node, the boxes that stand right before whatever waits for it: itself, or through a local value.
        let mut seen: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); graph.len()];
        for id in graph.order() {
            let before: BTreeSet<usize> =
                graph.needs(id).flat_map(|needed| seen[needed.index()].clone()).collect();
            let Some(kind) = kind(graph, id).filter(|_| !leaves_out(id)) else {
                seen[id.index()] = before;
                continue;
            };
            let wave = before.iter().map(|&at| boxes[at].wave + 1).max().unwrap_or(0);
            let index = boxes.len();
            arrows.extend(before.into_iter().map(|from| (from, index)));
            boxes.push(Shape { label: modules.address(graph.get(id)), kind, wave });
            seen[id.index()] = BTreeSet::from([index]);
        }
        Self { boxes, arrows }
    }

    fn waves(&self) -> impl Iterator<Item = Vec<usize>> {
        let last = self.boxes.iter().map(|shape| shape.wave).max();
        (0..last.map_or(0, |last| last + 1))
            .map(|wave| (0..self.boxes.len()).filter(|&at| self.boxes[at].wave == wave).collect())
    }
}

fn kind(graph: &Graph<Node>, id: NodeId) -> Option<Kind> {
    match graph.get(id) {
        Node::Item { item: Item::Step(_), .. } => Some(Kind::Step),
        Node::Item { item: Item::Check(_), .. } => Some(Kind::Check),
        Node::Item { item: Item::Output(_), module: ModuleId::ROOT, .. } => Some(Kind::Output),
        Node::Item { .. } => None,
        Node::Token(_) => Some(Kind::Token),
    }
}

/// The drawing in Graphviz's language; nodes that can run at the same time stand on one line.
#[must_use]
pub fn dot(drawing: &Drawing) -> String {
    let mut text =
        String::from("digraph runbook {\n  rankdir = \"TB\";\n  node [fontname = \"sans-serif\"];\n");
    for (at, shape) in drawing.boxes.iter().enumerate() {
        let form = match shape.kind {
            Kind::Step => "box",
            Kind::Token => "hexagon",
            Kind::Check => "diamond",
            Kind::Output => "note",
        };
        let label = shape.label.replace('\\', "\\\\").replace('"', "\\\"");
        line(&mut text, format_args!("  n{at} [label = \"{label}\", shape = \"{form}\"];"));
    }
    for wave in drawing.waves() {
        let names: Vec<String> = wave.iter().map(|at| format!("n{at};")).collect();
        line(&mut text, format_args!("  {{ rank = \"same\"; {} }}", names.join(" ")));
    }
    for (from, to) in &drawing.arrows {
        line(&mut text, format_args!("  n{from} -> n{to};"));
    }
    text.push_str("}\n");
    text
}

/// The drawing in Mermaid's language, one subgraph a wave.
#[must_use]
pub fn mermaid(drawing: &Drawing) -> String {
    let mut text = String::from("flowchart TB\n");
    for (number, wave) in drawing.waves().enumerate() {
        line(&mut text, format_args!("  subgraph wave{number} [\"wave {}\"]", number + 1));
        for at in wave {
            let label = drawing.boxes[at].label.replace('"', "#quot;");
            let (open, close) = match drawing.boxes[at].kind {
                Kind::Step => ("[", "]"),
                Kind::Token => ("{{", "}}"),
                Kind::Check => ("{", "}"),
                Kind::Output => ("([", "])"),
            };
            line(&mut text, format_args!("    n{at}{open}\"{label}\"{close}"));
        }
        text.push_str("  end\n");
    }
    for (from, to) in &drawing.arrows {
        line(&mut text, format_args!("  n{from} --> n{to}"));
    }
    text
}

fn line(text: &mut String, what: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{what}");
}
