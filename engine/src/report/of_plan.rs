//! Reports a plan.

use super::document::{Document, Section};
use super::{SignedFile, drawing, signature};
use crate::diagnostic::Style;
use crate::layout::Page;
use crate::permissions::{PermissionReport, page};
use crate::plan::{Listing, PlanView, document};

/// Returns the report of a plan, of the permissions that it needs, and of the findings in its runbook, if that is there;
/// `source` names it in words. A plan file may be signed.
#[must_use]
pub fn of_plan(
    plan: &Listing,
    needs: &PermissionReport,
    (findings, signatures): (Option<Page>, &[SignedFile]),
    view: &PlanView,
    source: String,
) -> Document {
    let [first, details] = document(plan, view);
    let graph = drawing::block(drawing::of_plan(plan));
    let findings = findings.map(|findings| Section::page("findings", "Findings", findings));
    let mut sections = Vec::new();
    if !signatures.is_empty() {
        let mut page = Page::new(Style::default());
        signature::write(&mut page, signatures);
        sections.push(Section::page("verification", "Verification", page));
    }
    sections.extend([
        Section { id: "graph", title: "Graph", blocks: vec![graph] },
        Section::page("permissions", "Permissions", page(needs, Style::default())),
    ]);
    sections.extend(findings);
    sections.push(Section::page("details", "Details", details));
    Document { title: format!("{}: plan", plan.runbook), first, sections, source }
}
