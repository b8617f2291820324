//! Rendering of runs as a table.

use std::fmt::Write as _;
use std::time::Duration;

use crate::measure::Run;

/// The runs of one contender, at least one.
pub struct Row {
    /// Name in the table.
    pub name: String,
    /// At least one.
    pub runs: Vec<Run>,
}

impl Row {
    fn sorted<T: Ord>(&self, of: impl Fn(&Run) -> T) -> Vec<T> {
        let mut each: Vec<T> = self.runs.iter().map(of).collect();
        each.sort();
        each
    }
}

/// Renders the runs of each contender as a Markdown table; ratios compare medians with the first row's.
#[must_use]
pub fn markdown(rows: &[Row]) -> String {
    let Some(reference) = rows.first() else { return String::new() };
    let floor = median(&reference.sorted(|run| run.wall));
    let mut table = format!("| | ratio to {} | median | min | max | CPU | peak memory |\n", reference.name);
    table.push_str("|---|--:|--:|--:|--:|--:|--:|\n");
    for row in rows {
        let wall = row.sorted(|run| run.wall);
        let (Some(&least), Some(&most)) = (wall.first(), wall.last()) else { continue };
        let middle = median(&wall);
        let _ = writeln!(
            table,
            "| {} | {:.2} | {} | {} | {} | {} | {} |",
            row.name,
            middle.as_secs_f64() / floor.as_secs_f64(),
            milliseconds(middle),
            milliseconds(least),
            milliseconds(most),
            milliseconds(median(&row.sorted(|run| run.cpu))),
            mebibytes(row.runs.iter().map(|run| run.memory).max().unwrap_or_default()),
        );
    }
    table
}

/// Returns the median of sorted durations; for an even number, the mean of the two in the middle.
#[must_use]
pub fn median(sorted: &[Duration]) -> Duration {
    (sorted[(sorted.len() - 1) / 2] + sorted[sorted.len() / 2]) / 2
}

/// Formats a duration to a tenth of a millisecond.
#[must_use]
pub fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

/// Formats a number of bytes to a tenth of a mebibyte.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "memory is shown to a tenth of a mebibyte")]
pub fn mebibytes(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, milliseconds: &[u64]) -> Row {
        let run = |&ms: &u64| Run {
            wall: Duration::from_millis(ms),
            cpu: Duration::from_millis(ms / 2),
            memory: ms << 20,
        };
        Row { name: name.to_owned(), runs: milliseconds.iter().map(run).collect() }
    }

    #[test]
    fn a_table_compares_medians_with_the_first() {
        let table = markdown(&[row("bare", &[30, 10, 20]), row("other", &[40, 20])]);
        assert_eq!(
            table,
            "| | ratio to bare | median | min | max | CPU | peak memory |\n\
             |---|--:|--:|--:|--:|--:|--:|\n\
             | bare | 1.00 | 20.0 ms | 10.0 ms | 30.0 ms | 10.0 ms | 30.0 MiB |\n\
             | other | 1.50 | 30.0 ms | 20.0 ms | 40.0 ms | 15.0 ms | 40.0 MiB |\n"
        );
    }

    #[test]
    fn no_rows_give_no_table() {
        assert_eq!(markdown(&[]), "");
    }
}
