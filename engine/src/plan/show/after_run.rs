//! Says what a run leaves behind: copies of files, and its changes after a failure.

use indexmap::IndexSet;

use super::PlanView;
use crate::layout::{Page, Row};
use crate::plan::{ListedWhen, Listing};
use crate::redact::REPLACEMENT;
use crate::step::{Effect, KindFacts};

/// Writes the copies that the run keeps beside files, and what becomes of the changes of a run that fails.
pub fn write(page: &mut Page, plan: &Listing, view: &PlanView) {
    let kept = kept(plan);
    if view.is_document {
        let row = |path: &String| {
            let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
            Row::of([path.clone(), format!(".{name}.arcbook-RUN-…")])
        };
        page.columns(
            "Copies",
            &["file that may be replaced or removed", "copy beside it"],
            kept.iter().map(row).collect(),
        );
        if !kept.is_empty() {
            page.line(0, COPIES);
        }
    } else if !kept.is_empty() {
        page.labelled("Keeps", "a copy of each replaced file beside it, until undone or pruned");
    }
    if view.is_document {
        page.columns("Undo", &["step", "statement of its undo"], undo_statements(plan));
    }
    let changes = plan
        .steps
        .iter()
        .any(|step| step.effect == Effect::Changes && step.when != ListedWhen::Decided(false));
    match (plan.undoes_failures, view.is_document) {
        _ if !changes => {}
        (true, true) => page.labelled("If it fails", UNDONE),
        (true, false) => page.labelled("If it fails", "an undo of the run starts by itself"),
        (false, true) => page.labelled("If it fails", STAYS),
        (false, false) => {}
    }
}

/// Says what becomes of copies.
const COPIES: &str = "The run keeps the earlier version of such a file, with whatever it holds, as a copy that only its owner may \
    read (mode 0600). The copy stays after the run, until an undo puts it back, or `arcbook runs prune -including-undoable` removes it \
    together with the record of the run.";

/// Says what becomes of the changes of a run that fails and is undone.
const UNDONE: &str = "arcbook undoes the run by itself: it removes what the run created, and puts back what it changed, as far as \
    the record of the run allows; it takes back nothing that a program did. A run that somebody interrupts stays as it is.";

/// Says what becomes of the changes of a run that fails.
const STAYS: &str = "Its changes stay until somebody undoes them.";

/// Returns the statements that an undo executes, with their steps.
fn undo_statements(plan: &Listing) -> Vec<Row> {
    let running = plan.steps.iter().filter(|step| step.when != ListedWhen::Decided(false));
    let statements = running.flat_map(|step| step.undo_actions.iter().map(move |action| (step, action)));
    statements.map(|(step, action)| Row::of([step.address.clone(), action.line()])).collect()
}

/// Returns the paths of the files of which a copy may be kept.
fn kept(plan: &Listing) -> IndexSet<String> {
    let keeping =
        plan.steps.iter().filter(|step| step.keeps_copies && step.when != ListedWhen::Decided(false));
    let paths = keeping.flat_map(|step| &step.actions).filter_map(|action| match &action.kind {
        KindFacts::WriteFile { path, .. } | KindFacts::RemoveFile { path } => Some(path.clone()),
        _ => None,
    });
    paths.filter(|path| !path.contains(REPLACEMENT)).collect()
}
