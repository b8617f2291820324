//! Writes a section of a page that a document has even if it is empty.

use super::PlanView;
use crate::layout::{Page, Row};

/// Writes a section; if it is empty, the sentence `none`, where the reader asked for it.
pub fn section(
    page: &mut Page,
    (label, columns): (&str, &'static [&'static str]),
    rows: Vec<Row>,
    view: &PlanView,
    none: &str,
) {
    if rows.is_empty() && view.is_document {
        page.labelled(label, none);
    }
    page.columns(label, columns, rows);
}
