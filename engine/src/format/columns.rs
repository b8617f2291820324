//! Aligns equals signs and comments in columns.

use std::borrow::Cow;
use std::iter::repeat_n;

use unicode_segmentation::UnicodeSegmentation;

use super::line::Line;
use super::space;
use super::tokens::Piece;

/// A line, as far as it is written.
struct Row<'p> {
    written: String,
    /// The cells not written yet: from the equals sign on, and the comment; empty if missing.
    cells: [Cow<'p, str>; 2],
    newline: &'p str,
}

/// Writes the lines, each at its depth.
pub(super) fn align(lines: &[Line<'_>], depths: &[usize]) -> String {
    let mut rows: Vec<_> = lines.iter().zip(depths).map(|(line, depth)| Row::new(line, *depth)).collect();
    append(&mut rows, 0);
    append(&mut rows, 1);
    rows.iter().flat_map(|row| [row.written.as_str(), row.newline]).collect()
}

impl<'p> Row<'p> {
    fn new(line: &Line<'p>, depth: usize) -> Self {
        let mut written = String::new();
        if !line.lead.is_empty() {
            written.extend(repeat_n("  ", depth));
            write(&mut written, line.lead);
        }
        let mut assign = String::new();
        write(&mut assign, line.assign);
        Self { written, cells: [assign.into(), line.comment.into()], newline: line.newline }
    }
}

fn write(text: &mut String, cell: &[Piece<'_>]) {
    for (at, piece) in cell.iter().enumerate() {
        let before = at.checked_sub(2).map(|at| &cell[at]);
        if at > 0 && space::between(before, &cell[at - 1], piece) {
            text.push(' ');
        }
        text.push_str(piece.text);
    }
}

/// Appends a cell to each row that has it, aligned within each run of such rows.
fn append(rows: &mut [Row<'_>], cell: usize) {
    let has = |row: &Row<'_>| !row.cells[cell].is_empty();
    for run in rows.chunk_by_mut(|a, b| has(a) == has(b)).filter(|run| has(&run[0])) {
        let widths: Vec<_> = run.iter().map(|row| width(&row.written)).collect();
        let column = widths.iter().max().map_or(0, |widest| widest + 1);
        for (row, width) in run.iter_mut().zip(widths) {
            row.written.extend(repeat_n(' ', column - width));
            row.written.push_str(&row.cells[cell]);
        }
    }
}

/// Returns the width of the last line of `text`, in characters as a reader sees them.
fn width(text: &str) -> usize {
    let line = text.rsplit('\n').next().unwrap_or_default();
    if line.is_ascii() { line.len() } else { line.graphemes(true).count() }
}
