//! Reports a run.

use super::document::{Block, Document, Section};
use super::{ReportedRun, changes, drawing, permissions, secrets, steps, timeline, verification};
use crate::journal::{RunView, first_page};
use crate::layout::Page;

/// Returns the report of a run, with the findings in its runbook, if that is there.
#[must_use]
pub fn of_run(run: &ReportedRun<'_>, findings: Option<Page>, view: &RunView) -> Document {
    let name = run.run.started.map_or("a run", |started| started.runbook.as_str());
    let graph = drawing::block(drawing::of_run(run));
    let sections = vec![
        Section::page("verification", "Verification", verification::page(run)),
        Section { id: "graph", title: "Graph", blocks: vec![graph] },
        Section { id: "timeline", title: "Timeline", blocks: vec![Block::Chart(timeline::chart(run))] },
        Section { id: "changes", title: "Changes", blocks: changes::blocks(run) },
        Section { id: "steps", title: "Steps and requests", blocks: steps::blocks(run) },
        Section::page("permissions", "Permissions", permissions::page(run)),
        Section::page("secrets", "Secret flow", secrets::flow(run)),
        Section::page("findings", "Findings", secrets::findings(run, findings)),
    ];
    let id = run.run.started.map_or("unknown", |started| started.run.as_str());
    Document {
        title: format!("{name}: run {id}"),
        first: first_page(run.journal, view),
        sections,
        source: format!(
            "Made from the record of the run {id}, whose last line has the sha256 {}.",
            run.journal.head
        ),
    }
}
