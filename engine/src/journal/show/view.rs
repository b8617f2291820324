//! Chooses the parts of a record that people see.

use crate::diagnostic::Style;

/// The parts of a record to show, and their style.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunView {
    /// The style.
    pub style: Style,
    /// True to list the events.
    pub events: bool,
    /// True to list the requests.
    pub requests: bool,
    /// The extent of the lists on the first page.
    pub extent: Extent,
    /// The command that continues a run that is not done.
    pub next: Option<String>,
}

/// The extent of the lists on the first page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Extent {
    /// One screen, which says how to see the rest.
    #[default]
    Screen,
    /// The first page of a document, which has the rest further on.
    Document,
    /// All of it.
    Everything,
}
