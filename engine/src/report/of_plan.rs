//! Reports a plan.

use super::document::{Block, Document, Section};
use super::drawing;
use crate::diagnostic::Style;
use crate::layout::Page;
use crate::permissions::{PermissionReport, page};
use crate::plan::{Listing, PlanView, document};

/// Returns the report of a plan, of the permissions that it needs, and of the findings in its runbook, if that is there;
/// `source` names it in words.
#[must_use]
pub fn of_plan(
    plan: &Listing,
    needs: &PermissionReport,
    findings: Option<Page>,
    view: &PlanView,
    source: String,
) -> Document {
    let [first, details] = document(plan, view);
    let graph = Block::Picture(Box::new(drawing::of_plan(plan)));
    let findings = findings.map(|findings| Section::page("findings", "Findings", findings));
    let mut sections = vec![
        Section { id: "graph", title: "Graph", blocks: vec![graph] },
        Section::page("permissions", "Permissions", page(needs, Style::default())),
    ];
    sections.extend(findings);
    sections.push(Section::page("details", "Details", details));
    Document { title: format!("{}: plan", plan.runbook), first, sections, source }
}
