//! Puts the boxes into rows, and leads each arrow from row to row.

use std::collections::BTreeSet;

/// The width of a row after which the rest of a wave begins another one.
const WIDEST: f64 = 1_200.0;

/// The rows of a picture, from top to bottom.
pub struct Grid {
    /// The cells of each row, from left to right.
    pub rows: Vec<Vec<usize>>,
    /// The cells: the boxes by their indexes, then the places where arrows pass a row.
    pub cells: Vec<Cell>,
    /// The lines between cells along which a secret goes.
    pub secrets: BTreeSet<(usize, usize)>,
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
}

impl Grid {
    /// Puts boxes with these widths into rows, those of a wave together. `arrows` has the targets of each box, which are
    /// in later waves; those in `secrets` carry a secret.
    pub fn of(
        waves: &[Vec<usize>],
        (widths, gap): (&[f64], f64),
        arrows: &[Vec<usize>],
        secrets: &BTreeSet<(usize, usize)>,
    ) -> Self {
        let cells = widths.iter().map(|width| Cell { width: *width, ..Cell::default() }).collect();
        let mut all = Self { rows: Vec::new(), cells, secrets: BTreeSet::new() };
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
            all.lead(from, targets, secrets);
        }
        all
    }

    /// Leads the arrows from one box to `targets`: they share the places where they pass rows.
    fn lead(&mut self, from: usize, targets: &[usize], secrets: &BTreeSet<(usize, usize)>) {
        let mut targets = targets.to_vec();
        targets.sort_by_key(|&to| (self.cells[to].row, to));
        let (mut last, mut row) = (from, self.cells[from].row);
        let mut passed = Vec::new();
        for to in targets {
            while row + 1 < self.cells[to].row {
                row += 1;
                let cell = self.cells.len();
                self.cells.push(Cell { row, ..Cell::default() });
                self.rows[row].push(cell);
                self.connect(last, cell);
                passed.push((last, cell));
                last = cell;
            }
            self.connect(last, to);
            if secrets.contains(&(from, to)) {
                self.secrets.extend(passed.iter().copied().chain([(last, to)]));
            }
        }
    }

    fn connect(&mut self, above: usize, below: usize) {
        self.cells[above].below.push(below);
        self.cells[below].above.push(above);
    }
}
