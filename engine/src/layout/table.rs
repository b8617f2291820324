//! Aligns rows of cells.

use std::collections::HashMap;

use super::Ink;
use super::wrap::width;

/// The maximum width of a cell that the others of its column are aligned with.
const WIDEST: usize = 34;

/// A row of a table: a symbol and cells; the last cell wraps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Row {
    /// The symbol before the cells; empty for none.
    pub symbol: &'static str,
    /// The cells.
    pub cells: Vec<String>,
}

impl Row {
    /// Returns a row without a symbol.
    #[must_use]
    pub fn of(cells: impl IntoIterator<Item = String>) -> Self {
        Self { symbol: "", cells: cells.into_iter().collect() }
    }

    /// Returns rows without their names; rows that would look the same have them in their last cells.
    #[must_use]
    pub fn told_apart(rows: Vec<(String, Self)>) -> Vec<Self> {
        let mut same: HashMap<Self, usize> = HashMap::new();
        for (_, row) in &rows {
            *same.entry(row.clone()).or_default() += 1;
        }
        let name = |(name, mut row): (String, Self)| {
            if same.get(&row).is_some_and(|count| *count > 1)
                && let Some(last) = row.cells.last_mut()
            {
                let parts = [last.as_str(), &name].into_iter().filter(|part| !part.is_empty());
                *last = parts.collect::<Vec<_>>().join(", ");
            }
            row
        };
        rows.into_iter().map(name).collect()
    }

    /// Returns the colour of the symbol.
    pub(super) fn ink(&self) -> Ink {
        Ink::of_symbol(self.symbol)
    }

    /// Returns the cells before the last one that is not empty, padded to `widths`, and that last one.
    pub(super) fn split(&self, widths: &[usize]) -> (String, &str) {
        let Some(last) = self.cells.iter().rposition(|cell| !cell.is_empty()) else {
            return (String::new(), "");
        };
        let mut before = String::new();
        for (cell, column) in self.cells[..last].iter().zip(widths) {
            before.push_str(cell);
            let gap = if *column == 0 && cell.is_empty() { 0 } else { 2 };
            before.push_str(&" ".repeat(column.saturating_sub(width(cell)) + gap));
        }
        (before, &self.cells[last])
    }
}

/// Returns the widths of the columns, without cells that are too wide to align with.
pub(super) fn widths(rows: &[Row]) -> Vec<usize> {
    let columns = rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
    let of = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.cells.get(column)).map(|cell| width(cell));
        cells.filter(|width| *width <= WIDEST).max().unwrap_or(0)
    };
    (0..columns).map(of).collect()
}
