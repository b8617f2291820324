//! Tells reports from other files.

use super::{html, junit, markdown};

/// Returns the beginning of a report that other reports of its kind share, and no other file.
#[must_use]
pub fn beginning(report: &str) -> &'static str {
    let all = [html::BEGINNING, markdown::BEGINNING, junit::BEGINNING];
    all.into_iter().find(|beginning| report.starts_with(beginning)).unwrap_or(html::BEGINNING)
}
