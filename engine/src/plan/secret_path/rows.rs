//! Writes the paths of secrets as rows.

use indexmap::IndexSet;

use super::SecretPath;
use crate::layout::Row;
use crate::plan::shape;

/// Returns a row for each way of a secret: its source, and its end with the values that it passes. Instances of a block
/// count as one.
#[must_use]
pub fn rows(paths: &[SecretPath]) -> Vec<Row> {
    let rows: IndexSet<[String; 2]> = paths.iter().map(row).collect();
    rows.into_iter().map(Row::of).collect()
}

fn row(path: &SecretPath) -> [String; 2] {
    let SecretPath { source, through, end } = path;
    let origin = format!("{} {}", source.kind.verb(), shape(&source.origin));
    let source =
        if source.object.is_empty() { origin } else { format!("{} ({origin})", source.object.whole()) };
    let through: Vec<String> = through.iter().map(|address| shape(address)).collect();
    let through =
        if through.is_empty() { String::new() } else { format!(", through {}", through.join(", ")) };
    let argument = end.argument.as_ref().map(|argument| format!("{argument} of ")).unwrap_or_default();
    let end = format!("{} ({argument}{})", end.place.words(), shape(&end.address));
    [source, format!("→ {end}{through}")]
}
