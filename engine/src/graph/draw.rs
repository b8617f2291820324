//! Draws the graph as text for other programs.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::{Graph, Item, ModuleId, Modules, Node, NodeId};

/// A drawing of steps, tokens, checks and outputs, in waves; computed values are passed through.
pub struct Drawing {
    boxes: Vec<Shape>,
    arrows: BTreeSet<(usize, usize)>,
}

struct Shape {
    label: String,
    kind: Kind,
    /// The number of boxes before it on the longest path to it.
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
    /// Draws `graph` without the nodes for which `leaves_out` returns true.
    #[must_use]
    pub fn new(graph: &Graph<Node>, modules: &Modules, leaves_out: impl Fn(NodeId) -> bool) -> Self {
        let mut boxes: Vec<Shape> = Vec::new();
        let mut arrows = BTreeSet::new();
        // For each node, the boxes directly before its dependents: itself, or those before a computed value.
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

/// Writes the drawing in Graphviz's language; nodes that can run at the same time share a rank.
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

/// Writes the drawing in Mermaid's language, with one subgraph per wave.
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
