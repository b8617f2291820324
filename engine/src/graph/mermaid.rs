//! Writes a drawing in Mermaid's language.

use std::fmt::Write;

use super::Drawing;
use super::draw::Kind;
use crate::diagnostic::visible_line;

/// Writes the drawing in Mermaid's language, with one subgraph per wave.
#[must_use]
pub fn mermaid(drawing: &Drawing) -> String {
    let mut text = String::from("flowchart TB\n");
    for (number, wave) in drawing.waves().enumerate() {
        let name = drawing.wave_name(number, &wave);
        line(&mut text, format_args!("  subgraph wave{number} [\"{name}\"]"));
        for at in wave {
            let shape = &drawing.boxes[at];
            let words = match &shape.folded {
                Some(folded) => format!("{}: {folded}", shape.label),
                None => shape.label.clone(),
            };
            node(&mut text, &format!("n{at}"), &label(&words), shape.kind);
        }
        text.push_str("  end\n");
    }
    for arrow in &drawing.arrows {
        let (from, to) = arrow;
        let line_of = if drawing.secrets.contains(arrow) { SECRET } else { "-->" };
        line(&mut text, format_args!("  n{from} {line_of} n{to}"));
    }
    if !drawing.secrets.is_empty() {
        text.push_str("  subgraph secrets [\"an arrow that\"]\n");
        line(&mut text, format_args!("    secret0(( )) {SECRET} secret1[\"carries a secret\"]"));
        text.push_str("  end\n");
    }
    legend(&mut text, drawing);
    text
}

/// An arrow along which a secret goes: dotted and labelled, because the numbers that a style needs change with each edge.
const SECRET: &str = "-. secret .->";

/// Writes a node; a step has the class of its kind.
fn node(text: &mut String, id: &str, label: &str, kind: Kind) {
    let (open, close) = match kind {
        Kind::NotRun | Kind::Computes | Kind::Reads | Kind::Changes => ("[", "]"),
        Kind::Token => ("{{", "}}"),
        Kind::Check => ("{", "}"),
        Kind::Output => ("([", "])"),
    };
    let class = class(kind).map_or_else(String::new, |(class, _)| format!(":::{class}"));
    line(text, format_args!("    {id}{open}\"{label}\"{close}{class}"));
}

/// Returns the class of a kind of steps, and its style.
fn class(kind: Kind) -> Option<(&'static str, &'static str)> {
    match kind {
        Kind::Computes => Some(("computes", "stroke-dasharray:4")),
        Kind::Reads => Some(("reads", "stroke-width:1px")),
        Kind::Changes => Some(("changes", "fill:#ffe3b3,color:#000,stroke:#000,stroke-width:3px")),
        Kind::NotRun | Kind::Token | Kind::Check | Kind::Output => None,
    }
}

fn legend(text: &mut String, drawing: &Drawing) {
    let kinds = drawing.legend();
    if kinds.is_empty() {
        return;
    }
    text.push_str("  subgraph legend [\"a step that\"]\n");
    for (at, (kind, words)) in kinds.iter().enumerate() {
        node(text, &format!("legend{at}"), words, *kind);
    }
    text.push_str("  end\n");
    for (class, style) in kinds.iter().filter_map(|(kind, _)| class(*kind)) {
        line(text, format_args!("  classDef {class} {style}"));
    }
}

/// Escapes a label: all characters that Mermaid may read as its own language, HTML or Markdown become numeric
/// entities, and so does `%`, because Mermaid finds directives (`%%{`) in strings too.
fn label(text: &str) -> String {
    let mut label = String::new();
    for character in visible_line(text).chars() {
        if character.is_alphanumeric() || " ._-/:,()[]{}=@+'…".contains(character) {
            label.push(character);
        } else {
            // Writing to a string cannot fail.
            let _ = write!(label, "#{};", u32::from(character));
        }
    }
    label
}

fn line(text: &mut String, what: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{what}");
}
