//! Puts the boxes into rows, and leads each arrow from row to row.

use std::collections::BTreeSet;

/// The width of a row after which the rest of a wave begins another one.
pub const WIDEST: f64 = 1_200.0;

/// The rows of a picture, from top to bottom.
pub struct Rows {
    /// The cells of each row, from left to right.
    pub rows: Vec<Vec<usize>>,
    /// The cells: the boxes by their indexes, then the places where arrows pass a row.
    pub cells: Vec<Cell>,
}

/// A place in a row.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    /// The row.
    pub row: usize,
    /// The width; zero where an arrow passes the row.
    pub width: f64,
    /// The cells of the row above that lines come from.
    pub above: Vec<usize>,
    /// The cells of the row below that lines lead to.
    pub below: Vec<usize>,
    /// Those among `below` to which a line carries a secret.
    pub secret: BTreeSet<usize>,
}

impl Rows {
    /// Puts boxes with these widths into rows, those of a wave together. `arrows` has the targets of each box, which are
    /// in later waves; those in `secrets` carry a secret.
    pub fn of(
        waves: &[Vec<usize>],
        widths: &[f64],
        gap: f64,
        arrows: &[Vec<usize>],
        secrets: &BTreeSet<(usize, usize)>,
    ) -> Self {
        let cells = widths.iter().map(|width| Cell { width: *width, ..Cell::default() }).collect();
        let mut all = Self { rows: Vec::new(), cells };
        for wave in waves {
            let mut used = 0.0;
            for (at, &cell) in wave.iter().enumerate() {
                if at == 0 || used + widths[cell] > WIDEST {
                    all.rows.push(Vec::new());
                    used = 0.0;
                }
                used += widths[cell] + gap;
                all.cells[cell].row = all.rows.len() - 1;
                all.rows.last_mut().into_iter().for_each(|row| row.push(cell));
            }
        }
        for (from, targets) in arrows.iter().enumerate() {
            let target = |&to: &usize| (to, secrets.contains(&(from, to)));
            all.lead(from, targets.iter().map(target).collect());
        }
        all
    }

    /// Leads the arrows from one box to `targets`: they share the places where they pass rows.
    fn lead(&mut self, from: usize, mut targets: Vec<(usize, bool)>) {
        targets.sort_by_key(|&(to, _)| (self.cells[to].row, to));
        let (mut last, mut row) = (from, self.cells[from].row);
        for (at, &(to, is_secret)) in targets.iter().enumerate() {
            while row + 1 < self.cells[to].row {
                row += 1;
                let cell = self.cells.len();
                self.cells.push(Cell { row, ..Cell::default() });
                self.rows[row].push(cell);
                self.connect(last, cell, targets[at..].iter().any(|(_, is_secret)| *is_secret));
                last = cell;
            }
            self.connect(last, to, is_secret);
        }
    }

    fn connect(&mut self, above: usize, below: usize, is_secret: bool) {
        if is_secret {
            self.cells[above].secret.insert(below);
        }
        self.cells[above].below.push(below);
        self.cells[below].above.push(above);
    }
}
