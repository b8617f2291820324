//! Writes a drawing in Graphviz's language.

use std::fmt::Write;

use super::Drawing;
use super::draw::Kind;
use crate::diagnostic::visible_line;

/// Writes the drawing in Graphviz's language; boxes that can run at the same time share a rank.
#[must_use]
pub fn dot(drawing: &Drawing) -> String {
    let mut text =
        String::from("digraph runbook {\n  rankdir = \"TB\";\n  node [fontname = \"sans-serif\"];\n");
    for (at, shape) in drawing.boxes.iter().enumerate() {
        let label = label(&shape.label);
        line(&mut text, format_args!("  n{at} [label = \"{label}\", {}];", style(shape.kind)));
    }
    for wave in drawing.waves() {
        let names: Vec<String> = wave.iter().map(|at| format!("n{at};")).collect();
        line(&mut text, format_args!("  {{ rank = \"same\"; {} }}", names.join(" ")));
    }
    for arrow in &drawing.arrows {
        let (from, to) = arrow;
        let style = if drawing.secrets.contains(arrow) { SECRET } else { "" };
        line(&mut text, format_args!("  n{from} -> n{to}{style};"));
    }
    legend(&mut text, drawing);
    text.push_str("}\n");
    text
}

/// The style of an arrow along which a secret goes.
const SECRET: &str = " [color = \"#b00020\", penwidth = \"2.5\", style = \"dashed\"]";

fn style(kind: Kind) -> &'static str {
    match kind {
        Kind::Computes => "shape = \"box\", style = \"dashed\"",
        Kind::Reads | Kind::NotRun => "shape = \"box\"",
        Kind::Changes => "shape = \"box\", style = \"bold,filled\", fillcolor = \"#ffe3b3\"",
        Kind::Token => "shape = \"hexagon\"",
        Kind::Check => "shape = \"diamond\"",
        Kind::Output => "shape = \"note\"",
    }
}

fn legend(text: &mut String, drawing: &Drawing) {
    if !drawing.secrets.is_empty() {
        text.push_str(
            "  subgraph cluster_secrets {\n    label = \"an arrow that\";\n    style = \"dotted\";\n",
        );
        text.push_str("    secret0 [label = \"\", shape = \"point\"];\n");
        text.push_str("    secret1 [label = \"carries a secret\", shape = \"plaintext\"];\n");
        line(text, format_args!("    secret0 -> secret1{SECRET};"));
        text.push_str("  }\n");
    }
    let kinds = drawing.legend();
    if kinds.is_empty() {
        return;
    }
    text.push_str("  subgraph cluster_legend {\n    label = \"a step that\";\n    style = \"dotted\";\n");
    for (at, (kind, words)) in kinds.into_iter().enumerate() {
        line(text, format_args!("    legend{at} [label = \"{words}\", {}];", style(kind)));
    }
    text.push_str("  }\n");
}

/// Escapes a label: Graphviz reads escapes such as `\N`, and HTML entities, in quoted labels too.
fn label(text: &str) -> String {
    visible_line(text).replace('\\', "\\\\").replace('"', "\\\"").replace('&', "&amp;")
}

fn line(text: &mut String, what: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{what}");
}
