//! Reports a plan.

use super::document::{Block, Document, Section};
use super::drawing;
use crate::diagnostic::Style;
use crate::permissions::{PermissionReport, page};
use crate::plan::{Listing, PlanView, document};

/// Returns the report of a plan and of the permissions that it needs; `source` names it in words.
#[must_use]
pub fn of_plan(plan: &Listing, needs: &PermissionReport, view: &PlanView, source: String) -> Document {
    let [first, details] = document(plan, view);
    let graph = Block::Picture(Box::new(drawing::of_plan(plan)));
    Document {
        title: format!("{}: plan", plan.runbook),
        first,
        sections: vec![
            Section { id: "graph", title: "Graph", blocks: vec![graph] },
            Section::page("permissions", "Permissions", page(needs, Style::default())),
            Section::page("details", "Details", details),
        ],
        source,
    }
}
