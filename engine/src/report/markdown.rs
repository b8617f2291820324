//! Writes a report as Markdown.

use super::document::{Block, Document, Fold};
use super::reported_run::took;
use super::timeline::{Chart, ChartRow};
use crate::diagnostic::Style;
use crate::graph::{Drawing, mermaid};
use crate::layout::{Page, Row};

/// The beginning of each report.
pub const BEGINNING: &str = "<!-- A report of arcbook. -->\n\n";

/// Says what the waves of a graph are.
const WAVES: &str = "The steps of a wave wait for those of earlier waves, and may run at the same time.";

impl Document {
    /// Returns the report as Markdown; graphs are Mermaid, which many sites draw.
    #[must_use]
    pub fn markdown(&self) -> String {
        text(self)
    }
}

fn text(document: &Document) -> String {
    let mut text = BEGINNING.to_owned() + &document.first.markdown();
    for section in &document.sections {
        text += "\n## ";
        text += section.title;
        text += "\n\n";
        text.extend(section.blocks.iter().map(block));
    }
    let mut end = Page::new(Style::default());
    end.line(0, &document.source);
    text + "\n" + &end.markdown()
}

fn block(block: &Block) -> String {
    match block {
        Block::Page(page) => page.markdown_below(2),
        Block::Picture(drawing) => picture(drawing),
        Block::Chart(chart) => page_of(chart).markdown_below(2),
        Block::Folds(folds) => folds_of(folds),
    }
}

/// Writes a graph in Mermaid's language, after words for its parts.
fn picture(drawing: &Drawing) -> String {
    let mut page = Page::new(Style::default());
    page.line(0, format_args!("{}. {WAVES}", drawing.summary()));
    let folded = drawing.folded();
    let graph = mermaid(folded.as_ref().unwrap_or(drawing));
    format!("{}\n```mermaid\n{graph}```\n", page.markdown_below(2))
}

fn folds_of(folds: &[Fold]) -> String {
    let texts = folds.iter().map(|fold| {
        let mut page = Page::new(Style::default());
        page.heading(&fold.title, &fold.note);
        page.markdown_below(2) + "\n" + &fold.page.markdown_below(3)
    });
    texts.collect::<Vec<_>>().join("\n")
}

/// Returns the rows of a chart as a table.
fn page_of(chart: &Chart) -> Page {
    let mut page = Page::new(Style::default());
    let row = |row: &ChartRow| {
        let (began, ended) = row.extent();
        let queued: u64 = row.queued.iter().map(|(began, ended)| ended - began).sum();
        Row::of([
            row.label.clone(),
            took(began),
            took(ended - began),
            if queued > 0 { took(queued) } else { String::new() },
            if row.is_critical { "yes".to_owned() } else { String::new() },
        ])
    };
    let columns = &["step", "began", "took", "waited for a place", "critical path"];
    page.columns("", columns, chart.rows.iter().map(row).collect());
    page
}
