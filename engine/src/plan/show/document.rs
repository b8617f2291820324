//! Writes a plan as a Markdown document, for people who review it elsewhere.

use super::order::in_order;
use super::step::{follow, gets, notes};
use super::{PlanView, arguments, front, rights};
use crate::graph::Acting;
use crate::layout::{Page, Row};
use crate::plan::listed_identity::ListedToken;
use crate::plan::listing::ListedStep;
use crate::plan::selection::grouped;
use crate::plan::{Listing, Plan};
use crate::redact::Secrets;
use crate::runbook::Runbook;
use crate::step::Platform;
use crate::value::{Value, show_inline};

/// Returns `plan` as a Markdown document, without secrets: who acts, the changes, the rights, where data goes, the steps
/// and every request. It contains nothing of this machine, unless the plan does.
#[must_use]
pub fn to_markdown(plan: &Plan, runbook: &Runbook, platform: &dyn Platform, secrets: &Secrets) -> String {
    let listing = ordered(&to_listing(plan, runbook, platform, secrets));
    let view = PlanView::default();
    let mut page = Page::new(view.style);
    write_front(&mut page, &listing, &view);
    write_details(&mut page, &listing);
    page.line(0, "Made from the plan, by arcbook plan -markdown.");
    page.markdown()
}

/// Returns the listing of `plan` for people elsewhere, without secrets and without facts of this machine.
#[must_use]
pub fn to_listing(plan: &Plan, runbook: &Runbook, platform: &dyn Platform, secrets: &Secrets) -> Listing {
    // Redaction comes before everything that may cut a text.
    let mut listing = secrets.redacted(&Listing::of(plan, runbook, platform)).into_owned();
    // The files of this machine have sizes of their own.
    for file in listing.steps.iter_mut().flat_map(|step| &mut step.sends) {
        file.bytes = None;
    }
    listing
}

/// Returns the first page of a plan, and a page of all its steps, requests, tokens, hosts, files and values.
#[must_use]
pub fn document(listing: &Listing, view: &PlanView) -> [Page; 2] {
    let mut pages = [Page::new(view.style), Page::new(view.style)];
    let listing = ordered(listing);
    write_front(&mut pages[0], &listing, view);
    write_details(&mut pages[1], &listing);
    pages
}

/// Returns the listing with its steps in the order in which they run: auditors read what happens, and the files of a
/// runbook are in the order of their names.
fn ordered(listing: &Listing) -> Listing {
    Listing { steps: in_order(listing.steps.clone()), ..listing.clone() }
}

/// Writes the first page of a document, which has all details further on.
fn write_front(page: &mut Page, listing: &Listing, view: &PlanView) {
    front::write(
        page,
        listing,
        &PlanView { requests: true, verbose: true, is_document: true, ..view.clone() },
    );
}

fn write_details(page: &mut Page, listing: &Listing) {
    steps(page, listing);
    arguments::write(page, listing);
    actions(page, listing);
    tokens(page, listing);
    page.list("Hosts", &rights::hosts(listing));
    page.list("Files read by the runbook", &listing.files);
    if listing.files.is_empty() {
        page.labelled("Files read by the runbook", "No function of the runbook reads a file.");
    }
    outputs(page, listing);
    page.list("Left out", &grouped(&listing.left_out));
}

/// Lists the steps with their descriptions, in the order in which they run.
fn steps(page: &mut Page, plan: &Listing) {
    let row = |step: &ListedStep| {
        // Another table has the tokens.
        let after: Vec<&str> =
            step.after.iter().map(String::as_str).filter(|node| !node.starts_with("token ")).collect();
        let description = step.description.clone().unwrap_or_default();
        Row::of([step.address.clone(), description, notes(plan, step).join("; "), after.join(", ")])
    };
    page.columns("Steps", &["step", "description", "limits", "after"], plan.steps.iter().map(row).collect());
}

/// Lists every action of every step: requests, programs, files and statements.
fn actions(page: &mut Page, plan: &Listing) {
    let mut rows = Vec::new();
    for step in &plan.steps {
        for action in &step.actions {
            let needs: Vec<&str> = action.needs.iter().map(|needed| needed.action.as_str()).collect();
            let gets = gets(action).map(|gets| format!("; {gets}")).unwrap_or_default();
            rows.push(Row::of([
                format!("{}{}{gets}", action.line(), follow(action)),
                step.address.clone(),
                action.sent_token().map(ToString::to_string).unwrap_or_default(),
                needs.join(", "),
            ]));
        }
    }
    page.columns("Requests", &["request", "step", "token for", "needs"], rows);
}

/// Lists the tokens: their audiences, whose they are, and the steps that send them.
fn tokens(page: &mut Page, plan: &Listing) {
    let row = |token: &ListedToken| {
        let of = if token.acts_as == Acting::MACHINE { "the machine" } else { &token.acts_as };
        Row::of([token.audience.clone(), of.to_owned(), token.steps.join(", ")])
    };
    page.columns("Tokens", &["audience", "identity", "steps"], plan.tokens.iter().map(row).collect());
}

/// Lists the variables that the plan was made with, and the outputs.
fn outputs(page: &mut Page, plan: &Listing) {
    for (label, values) in [("Variables", &plan.variables), ("Outputs", &plan.outputs)] {
        let shown = |value: &Value| show_inline(value, usize::MAX);
        let rows = values.to_values().map(|(name, value)| Row::of([name.to_string(), shown(&value)]));
        page.columns(label, &["name", "value"], rows.collect());
    }
}
