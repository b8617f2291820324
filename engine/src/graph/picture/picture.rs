//! Lays out a picture of a graph.

use super::fold::steps;
use super::order::order;
use super::place::place;
use super::reduce::arrows;
use super::rows::{Rows, WIDEST};
use crate::graph::draw::Shape;
use crate::graph::{Drawing, Kind};
use crate::layout::{one_line, width};

/// The height of a box.
pub const HEIGHT: f64 = 46.0;

/// The space between the boxes of a row.
const GAP: f64 = 24.0;

/// The space between rows, for the lines.
pub const BETWEEN: f64 = 46.0;

/// The space around the picture.
const MARGIN: f64 = 16.0;

/// The width of a column of text.
const COLUMN: f64 = 7.4;

/// The space before and after the text of a box.
const PADDING: f64 = 13.0;

/// The maximum number of columns of a label in a row that is full.
const LABEL: usize = 44;

/// The maximum number of columns of any label.
const LONGEST: usize = 120;

/// A picture of a drawing, laid out for SVG. It has at most 300 boxes, each of which says how many it stands for.
pub struct Picture {
    pub(super) boxes: Vec<Place>,
    /// The lines: of each, the points that it passes, and whether it ends at a box.
    pub(super) lines: Vec<Line>,
    pub(super) width: f64,
    pub(super) height: f64,
    /// Says which boxes there are.
    pub(super) summary: String,
}

/// A box, with its text.
pub(super) struct Place {
    pub left: f64,
    pub top: f64,
    pub width: f64,
    pub label: String,
    pub note: String,
    /// The whole text, for the title.
    pub title: String,
    pub classes: String,
}

/// A line from the bottom of a cell to the top of another.
pub(super) struct Line {
    pub from: (f64, f64),
    /// The bottom of the first cell, if the line passes its row.
    pub through: Option<f64>,
    pub to: (f64, f64),
    /// True if the line ends at a box.
    pub ends: bool,
    /// True if the line carries a secret.
    pub is_secret: bool,
}

impl Picture {
    /// Lays out a drawing.
    #[must_use]
    pub fn of(drawing: &Drawing) -> Self {
        let folded = drawing.folded();
        let shown = folded.as_ref().unwrap_or(drawing);
        let waves: Vec<Vec<usize>> = shown.waves().collect();
        let texts = texts(shown, &waves);
        let widths: Vec<f64> = texts.iter().map(width_of).collect();
        let mut rows = Rows::of(&waves, &widths, GAP, &arrows(shown), &shown.secrets);
        order(&mut rows);
        let middles = place(&rows, GAP);
        let left = |cell: usize| middles[cell] - rows.cells[cell].width / 2.0;
        let right = |cell: usize| middles[cell] + rows.cells[cell].width / 2.0;
        let cells = || rows.rows.iter().flatten().copied();
        let start = cells().map(left).fold(f64::INFINITY, f64::min);
        let end = cells().map(right).fold(f64::NEG_INFINITY, f64::max);
        let shift = if start.is_finite() { MARGIN - start } else { 0.0 };
        let boxes = shown.boxes.iter().zip(texts).enumerate().map(|(at, (shape, (label, note)))| Place {
            left: left(at) + shift,
            top: top(rows.cells[at].row),
            width: widths[at],
            title: format!("{}: {}", one_line(&shape.label), note),
            label,
            note,
            classes: classes(shape),
        });
        let last = rows.rows.len().saturating_sub(1);
        Self {
            boxes: boxes.collect(),
            lines: lines(&rows, &middles, shift),
            width: if end.is_finite() { end + shift + MARGIN } else { 2.0 * MARGIN },
            height: top(last) + HEIGHT + MARGIN,
            summary: summary(drawing, folded.as_ref()),
        }
    }

    /// Returns the number of parts in words, and how many boxes stand for them.
    #[must_use]
    pub fn summary(&self) -> &str {
        &self.summary
    }
}

/// Returns the label and the note of each box; labels are whole where the boxes of their wave fit into one row.
fn texts(shown: &Drawing, waves: &[Vec<usize>]) -> Vec<(String, String)> {
    let text = |shape: &Shape, most| (abridged(&one_line(&shape.label), most), note(shape));
    let mut texts: Vec<(String, String)> = shown.boxes.iter().map(|shape| text(shape, LONGEST)).collect();
    for wave in waves {
        let width: f64 = wave.iter().map(|&at| width_of(&texts[at]) + GAP).sum();
        if width - GAP > WIDEST {
            for &at in wave {
                texts[at] = text(&shown.boxes[at], LABEL);
            }
        }
    }
    texts
}

fn width_of((label, note): &(String, String)) -> f64 {
    columns(label).max(columns(note))
}

fn lines(rows: &Rows, middles: &[f64], shift: f64) -> Vec<Line> {
    let mut lines = Vec::new();
    for (from, cell) in rows.cells.iter().enumerate() {
        let passes = cell.width == 0.0;
        let (top_of, bottom) = (top(cell.row), top(cell.row) + HEIGHT);
        for &to in &cell.below {
            let target = &rows.cells[to];
            lines.push(Line {
                from: (middles[from] + shift, if passes { top_of } else { bottom }),
                through: passes.then_some(bottom),
                to: (middles[to] + shift, top(target.row)),
                ends: target.width > 0.0,
                is_secret: cell.secret.contains(&to),
            });
        }
    }
    lines
}

/// Returns the top of a row.
fn top(row: usize) -> f64 {
    u32::try_from(row).map_or(f64::MAX, f64::from) * (HEIGHT + BETWEEN) + MARGIN
}

/// Returns the width of a box with that text.
fn columns(text: &str) -> f64 {
    u32::try_from(width(text)).map_or(f64::MAX, f64::from) * COLUMN + 2.0 * PADDING
}

/// Returns a label of at most `most` columns; its middle is left out.
fn abridged(label: &str, most: usize) -> String {
    if width(label) <= most {
        return label.to_owned();
    }
    let start: String = fitting(label.chars(), most / 2);
    let end: String = fitting(label.chars().rev(), most / 2 - 1).chars().rev().collect();
    format!("{start}…{end}")
}

/// Returns the first characters that fit into `columns`.
fn fitting(characters: impl Iterator<Item = char>, columns: usize) -> String {
    let mut used = 0;
    let fits = |c: &char| {
        used += width(c.encode_utf8(&mut [0; 4]));
        used <= columns
    };
    characters.take_while(fits).collect()
}

/// Says what a box does, or what became of it.
fn note(shape: &Shape) -> String {
    let outcomes = shape.outcomes.iter().rev();
    let words = outcomes.map(|(outcome, count)| match (shape.count, count) {
        (1, _) => outcome.words().to_owned(),
        (_, count) => format!("{count} {}", outcome.words()),
    });
    let words = words.collect::<Vec<_>>().join(", ");
    let kind = match shape.kind {
        Kind::Reads => "reads",
        Kind::Changes => "changes something",
        Kind::Computes => "computes",
        Kind::Token => "token",
        Kind::Check => "check",
        Kind::Output => "output",
        Kind::NotRun => return words,
    };
    let kind = shape.folded.as_deref().unwrap_or(kind);
    if words.is_empty() { kind.to_owned() } else { format!("{kind}: {words}") }
}

/// Returns the classes of a box in the style sheet.
fn classes(shape: &Shape) -> String {
    let kind = match shape.kind {
        Kind::Reads => "reads",
        Kind::Changes => "changes",
        Kind::Computes => "computes",
        Kind::Token => "token",
        Kind::Check => "check",
        Kind::Output => "output",
        Kind::NotRun => "unknown",
    };
    match shape.outcomes.keys().next_back() {
        Some(outcome) => format!("box {kind} {}", outcome.class()),
        None => format!("box {kind}"),
    }
}

impl Drawing {
    /// Returns the number of parts in words, and how many boxes of a picture stand for them.
    #[must_use]
    pub fn summary(&self) -> String {
        summary(self, self.folded().as_ref())
    }

    /// Returns true if there is nothing to draw.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.boxes.is_empty()
    }
}

/// Counts the parts of a drawing, and the boxes that stand for them.
fn summary(drawing: &Drawing, folded: Option<&Drawing>) -> String {
    let kinds =
        [Kind::Reads, Kind::Changes, Kind::Computes, Kind::NotRun, Kind::Token, Kind::Check, Kind::Output];
    let count = |kind: Kind| {
        let of_kind = drawing.boxes.iter().filter(|shape| shape.kind == kind);
        of_kind.map(|shape| shape.count).sum::<usize>()
    };
    let counts = kinds.into_iter().map(|kind| (count(kind), kind)).filter(|(count, _)| *count > 0);
    let counts: Vec<String> = counts.map(|(count, kind)| steps(count, kind)).collect();
    let boxes = folded.map_or(drawing.boxes.len(), |folded| folded.boxes.len());
    let parts: usize = drawing.boxes.iter().map(|shape| shape.count).sum();
    let counts = if counts.is_empty() { "nothing".to_owned() } else { counts.join(", ") };
    let counts = if boxes == parts { counts } else { format!("{counts}; in {boxes} boxes") };
    if drawing.secrets.is_empty() { counts } else { format!("{counts}; dashed arrows carry a secret") }
}
