//! Places the cells of each row from left to right.

use super::rows::Rows;

/// The number of passes over all rows, in turn downwards and upwards.
const PASSES: usize = 10;

/// The weight of a place where an arrow passes a row, so that long arrows are straight.
const STRAIGHT: f64 = 8.0;

/// Returns the middle of each cell: near the cells that it is connected with, and at least `gap` from its neighbours.
pub fn place(rows: &Rows, gap: f64) -> Vec<f64> {
    let mut middles = vec![0.0; rows.cells.len()];
    for row in &rows.rows {
        // A row begins as a block around zero.
        let wanted: Vec<(f64, f64)> = row.iter().map(|_| (0.0, 1.0)).collect();
        set(rows, row, gap, &wanted, &mut middles);
    }
    for pass in 0..PASSES {
        let count = rows.rows.len();
        for step in 0..count {
            let row = if pass % 2 == 0 { step } else { count - 1 - step };
            let row = &rows.rows[row];
            let wanted: Vec<(f64, f64)> =
                row.iter().map(|cell| wish(rows, *cell, pass % 2 == 0, &middles)).collect();
            set(rows, row, gap, &wanted, &mut middles);
        }
    }
    middles
}

/// Returns the middle that a cell would have by the cells above or below, and the weight of that.
fn wish(rows: &Rows, cell: usize, down: bool, middles: &[f64]) -> (f64, f64) {
    let this = &rows.cells[cell];
    let (first, second) = if down { (&this.above, &this.below) } else { (&this.below, &this.above) };
    let others = if first.is_empty() { second } else { first };
    let passes = |cell: usize| rows.cells[cell].width == 0.0;
    let weight = |other: usize| if passes(cell) && passes(other) { STRAIGHT } else { 1.0 };
    let total: f64 = others.iter().map(|other| weight(*other)).sum();
    let sum: f64 = others.iter().map(|other| weight(*other) * middles[*other]).sum();
    if total == 0.0 { (middles[cell], 0.5) } else { (sum / total, total) }
}

/// Sets the middles of a row as near as possible to the wanted ones, by their weights.
///
/// Without the room that cells need, the middles only have to ascend: wherever the wanted ones do not, they are pooled
/// at their mean.
fn set(rows: &Rows, row: &[usize], gap: f64, wanted: &[(f64, f64)], middles: &mut [f64]) {
    let mut offset = 0.0;
    let mut offsets = Vec::with_capacity(row.len());
    for (at, cell) in row.iter().enumerate() {
        if at > 0 {
            let before = &rows.cells[row[at - 1]];
            offset += f64::midpoint(before.width, rows.cells[*cell].width) + gap;
        }
        offsets.push(offset);
    }
    // Each pool: the weighted sum, the weight, and the number of cells.
    let mut pools: Vec<(f64, f64, usize)> = Vec::new();
    for ((middle, weight), offset) in wanted.iter().zip(&offsets) {
        let mut pool = ((middle - offset) * weight, *weight, 1);
        while let Some(&(sum, total, count)) = pools.last()
            && sum / total >= pool.0 / pool.1
        {
            pools.pop();
            pool = (pool.0 + sum, pool.1 + total, pool.2 + count);
        }
        pools.push(pool);
    }
    let places = pools.iter().flat_map(|(sum, total, count)| std::iter::repeat_n(sum / total, *count));
    for ((cell, offset), place) in row.iter().zip(&offsets).zip(places) {
        middles[*cell] = place + offset;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn cells_keep_their_distance_and_stand_below_each_other() {
        let arrows = [vec![1, 2], vec![3], vec![3], vec![]];
        let rows = Rows::of(&[vec![0], vec![1, 2], vec![3]], &[100.0; 4], 20.0, &arrows, &BTreeSet::new());
        let middles = place(&rows, 20.0);
        let near = |a: f64, b: f64| (a - b).abs() < 0.5;
        assert!(near(middles[2] - middles[1], 120.0), "{middles:?}");
        assert!(near(middles[0], f64::midpoint(middles[1], middles[2])), "{middles:?}");
        assert!(near(middles[0], middles[3]), "{middles:?}");
    }
}
