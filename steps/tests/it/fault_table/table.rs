//! The tables on the disk.

use std::fmt::Write as _;

use futures::stream::{self, StreamExt as _};

use super::cases::Case;
use super::cell::{Cell, Injected};
use super::fault::FAULTS;
use super::invariants;
use super::line::{Columns, HEADER, Legend, columns};
use super::place::folder;

/// The cells that run at once.
const AT_ONCE: usize = 4;

/// Runs every cell of a case, checks it, and compares its table with that on the disk.
pub async fn check(case: &'static Case) {
    let all: Vec<Injected> = injected(case);
    let is_slow = |injected: &Injected| injected.is_some_and(|(_, fault)| fault.is_slow());
    // A slow request has a short limit, which must not pass because of other cells.
    let (slow, quick): (Vec<_>, Vec<_>) =
        all.iter().copied().enumerate().partition(|(_, injected)| is_slow(injected));
    let run = async |(at, injected): (usize, Injected)| (at, Cell::run(case, injected).await);
    let mut cells: Vec<(usize, Cell)> =
        stream::iter(quick).map(run).buffer_unordered(AT_ONCE).collect().await;
    cells.extend(stream::iter(slow).map(run).buffer_unordered(16).collect::<Vec<_>>().await);
    cells.sort_by_key(|(at, _)| *at);
    let cells: Vec<Cell> = cells.into_iter().map(|(_, cell)| cell).collect();
    let text = text(case, &cells);
    let path = folder().join("tables").join(format!("{}.txt", case.name));
    let write = std::env::var_os("FAULT_TABLE").is_some_and(|value| value == "write");
    if write {
        std::fs::write(&path, &text).unwrap();
    }
    let broken: Vec<String> = cells.iter().flat_map(invariants::broken).collect();
    assert!(broken.is_empty(), "{}\n{text}", broken.join("\n"));
    let expected = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    let differing = differing(&expected, &text);
    assert!(expected == text, "{}: FAULT_TABLE=write writes it anew\n{differing}", path.display());
}

/// Returns the cells of a case: without a fault, and every fault of every kind of request.
fn injected(case: &'static Case) -> Vec<Injected> {
    let mut all: Vec<Injected> = vec![None];
    for target in case.targets {
        let apply = FAULTS.iter().filter(|fault| !fault.only_changes || target.changes());
        all.extend(apply.map(|fault| Some((target, *fault))));
    }
    all
}

fn text(case: &Case, cells: &[Cell]) -> String {
    let mut legend = Legend::default();
    let rows: Vec<Columns> = cells.iter().map(|cell| columns(cell, &mut legend)).collect();
    let header = HEADER.map(str::to_owned);
    let all = || std::iter::once(&header).chain(&rows);
    let widths: [usize; 8] =
        std::array::from_fn(|column| all().map(|row| row[column].chars().count()).max().unwrap_or_default());
    let mut text =
        format!("# {}: `put 201*` changed something; the answer of `put lost` did not arrive.\n", case.name);
    text.push_str("#\n");
    text.push_str(&legend.lines());
    text.push('\n');
    for row in all() {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        let line = cells.collect::<Vec<_>>().join(" | ");
        let _ = writeln!(text, "{}", line.trim_end().trim_end_matches('|').trim_end());
    }
    text
}

/// Returns the lines in which two texts differ.
fn differing(expected: &str, found: &str) -> String {
    let of = |text: &str, other: &str, sign: &str| {
        let lines = text.lines().filter(|line| !other.lines().any(|known| known == *line));
        lines.flat_map(|line| [sign, line, "\n"]).collect::<String>()
    };
    of(expected, found, "- ") + &of(found, expected, "+ ")
}
