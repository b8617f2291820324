//! Defines the parts of a report.

use super::timeline::Chart;
use crate::graph::Drawing;
use crate::layout::Page;

/// A report: a first page, and sections with more.
pub struct Document {
    /// The title, for the tab of a browser.
    pub title: String,
    /// The first page; its heading is that of the report.
    pub first: Page,
    /// The sections.
    pub sections: Vec<Section>,
    /// The source of the report, in words.
    pub source: String,
}

/// A section of a report.
pub struct Section {
    /// The name of the section in links.
    pub id: &'static str,
    /// The heading.
    pub title: &'static str,
    /// The contents.
    pub blocks: Vec<Block>,
}

/// A part of a section.
pub enum Block {
    /// Sentences, lists and tables.
    Page(Page),
    /// A picture of a graph.
    Picture(Box<Drawing>),
    /// A chart of spans of time.
    Chart(Chart),
    /// Parts that the reader opens.
    Folds(Vec<Fold>),
}

/// A part that the reader opens.
pub struct Fold {
    /// The subject, such as an address.
    pub title: String,
    /// The most important about it.
    pub note: String,
    /// The class of the note in the style sheet.
    pub class: &'static str,
    /// True if it is open already.
    pub is_open: bool,
    /// The contents.
    pub page: Page,
}

impl Section {
    /// Returns a section of one page.
    pub(super) fn page(id: &'static str, title: &'static str, page: Page) -> Self {
        Self { id, title, blocks: vec![Block::Page(page)] }
    }
}
