//! Orders the cells of each row, so that few lines cross.

use super::rows::Rows;

/// The number of passes over all rows, in turn downwards and upwards.
const PASSES: usize = 12;

/// Orders the cells of each row by the mean position of the cells that they are connected with.
pub fn order(rows: &mut Rows) {
    let mut best = (crossings(rows), rows.rows.clone());
    for pass in 0..PASSES {
        if best.0 == 0 {
            break;
        }
        let down = pass % 2 == 0;
        let count = rows.rows.len();
        for step in 1..count {
            let row = if down { step } else { count - 1 - step };
            sort(rows, row, down);
        }
        let found = crossings(rows);
        if found < best.0 {
            best = (found, rows.rows.clone());
        }
    }
    rows.rows = best.1;
}

/// Sorts a row by the cells above, or by those below. A cell without any keeps its position.
fn sort(rows: &mut Rows, row: usize, down: bool) {
    let positions = positions(rows, if down { row - 1 } else { row + 1 });
    let of = |at: usize, cell: usize| {
        let cell = &rows.cells[cell];
        let others = if down { &cell.above } else { &cell.below };
        let sum: f64 = others.iter().map(|other| positions[*other]).sum();
        let count = u32::try_from(others.len()).map_or(f64::MAX, f64::from);
        if others.is_empty() { number(at) } else { sum / count }
    };
    let mut keyed: Vec<(f64, usize)> =
        rows.rows[row].iter().enumerate().map(|(at, cell)| (of(at, *cell), *cell)).collect();
    // The sort is stable, so equal cells stay in the order of the runbook.
    keyed.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    rows.rows[row] = keyed.into_iter().map(|(_, cell)| cell).collect();
}

/// Returns the position of each cell of a row by its index.
fn positions(rows: &Rows, row: usize) -> Vec<f64> {
    let mut positions = vec![0.0; rows.cells.len()];
    for (at, cell) in rows.rows[row].iter().enumerate() {
        positions[*cell] = number(at);
    }
    positions
}

fn number(at: usize) -> f64 {
    u32::try_from(at).map_or(f64::MAX, f64::from)
}

/// Counts the pairs of lines that cross.
fn crossings(rows: &Rows) -> u64 {
    (1..rows.rows.len()).map(|row| crossings_above(rows, row)).sum()
}

/// Counts the pairs of lines that cross between a row and the one above it.
fn crossings_above(rows: &Rows, row: usize) -> u64 {
    let upper = positions(rows, row - 1);
    let mut seen: Vec<u64> = vec![0; rows.rows[row - 1].len() + 1];
    let mut crossings = 0;
    for cell in &rows.rows[row] {
        let above = &rows.cells[*cell].above;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "positions are small numbers"
        )]
        let places: Vec<usize> = above.iter().map(|other| upper[*other] as usize).collect();
        // A line crosses those of the cells at its left that lead to a place at the right of its own.
        crossings += places.iter().map(|place| after(&seen, *place)).sum::<u64>();
        for place in places {
            add(&mut seen, place);
        }
    }
    crossings
}

/// Counts a line to a place, in a tree of sums.
fn add(seen: &mut [u64], place: usize) {
    let mut at = seen.len() - 1 - place;
    while at < seen.len() {
        seen[at] += 1;
        at += at & at.wrapping_neg();
    }
}

/// Returns the number of lines to places after `place`.
fn after(seen: &[u64], place: usize) -> u64 {
    let mut at = seen.len() - 2 - place;
    let mut sum = 0;
    while at > 0 {
        sum += seen[at];
        at -= at & at.wrapping_neg();
    }
    sum
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn rows(waves: &[Vec<usize>], arrows: &[Vec<usize>]) -> Rows {
        let count = waves.iter().map(Vec::len).sum();
        let mut all = arrows.to_vec();
        all.resize(count, Vec::new());
        Rows::of(waves, &vec![10.0; count], 10.0, &all, &BTreeSet::new())
    }

    #[test]
    fn crossings_are_counted() {
        let waves = [vec![0, 1, 2], vec![3, 4, 5]];
        for (arrows, expected) in [
            (vec![vec![3], vec![4], vec![5]], 0),
            (vec![vec![5], vec![4], vec![3]], 3),
            (vec![vec![3, 4, 5], vec![3, 4, 5], vec![]], 3),
            (vec![vec![4], vec![3], vec![5]], 1),
        ] {
            assert_eq!(crossings(&rows(&waves, &arrows)), expected, "{arrows:?}");
        }
    }

    #[test]
    fn a_tangle_is_undone() {
        let mut tangled =
            rows(&[vec![0, 1, 2], vec![3, 4, 5], vec![6]], &[vec![5], vec![3], vec![4], vec![6]]);
        order(&mut tangled);
        assert_eq!(crossings(&tangled), 0);
    }
}
