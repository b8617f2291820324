//! Computes the indentation of lines.

use super::line::Line;

/// Returns the depth of each line.
///
/// A line is one level deeper for each earlier line that opened more brackets than it closed and has one
/// still open, however many it opened.
pub(super) fn depths(lines: &[Line<'_>]) -> Vec<usize> {
    // The number of open brackets of each such line.
    let mut open: Vec<usize> = Vec::new();
    let depth = |line: &Line<'_>| {
        let balance = line.balance();
        let depth = open.len();
        if balance > 0 {
            open.push(balance.unsigned_abs());
            return depth;
        }
        let mut closed = balance.unsigned_abs();
        while closed > 0
            && let Some(last) = open.last_mut()
        {
            let here = closed.min(*last);
            closed -= here;
            *last -= here;
            open.pop_if(|last| *last == 0);
        }
        open.len()
    };
    lines.iter().map(depth).collect()
}
