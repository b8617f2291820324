//! Writes the steps of a plan: changes with their arguments, everything else in one line.

use super::PlanView;
use super::fold::{Fold, fold};
use super::step;
use crate::layout::{Ink, Page};
use crate::plan::listing::{ListedAnswers, Listing};

/// The number of instances of one block that are shown with their arguments.
const INSTANCES: usize = 3;

/// Writes the steps.
pub fn write(page: &mut Page, plan: &Listing, view: &PlanView) {
    if plan.steps.is_empty() {
        return;
    }
    page.gap();
    page.line(0, legend(plan.answers.as_ref()));
    page.gap();
    if view.verbose {
        for one in &plan.steps {
            page.gap();
            step::write(page, plan, one, true);
        }
        return;
    }
    let mut was_block = false;
    for fold in fold(&plan.steps) {
        let is_block = fold.may_change();
        if is_block || was_block {
            page.gap();
        }
        if is_block {
            blocks(page, plan, &fold, view);
        } else {
            line(page, plan, &fold);
        }
        was_block = is_block;
    }
}

/// Writes the first instances with their arguments, and the number of the others.
fn blocks(page: &mut Page, plan: &Listing, fold: &Fold<'_>, view: &PlanView) {
    for one in fold.steps.iter().take(INSTANCES) {
        page.gap();
        step::write(page, plan, one, false);
    }
    if let Some(more) = fold.steps.len().checked_sub(INSTANCES).filter(|more| *more > 0) {
        page.gap();
        let words = format!("… and {more} more of {}: {} shows them.", fold.address, view.option("-verbose"));
        page.inked(0, Ink::of_symbol(fold.symbol), format_args!("{} {words}", fold.symbol));
    }
}

/// Writes the instances in one line.
fn line(page: &mut Page, plan: &Listing, fold: &Fold<'_>) {
    let title = fold.title();
    let words = if title.noun == fold.address { String::new() } else { title.whole() };
    page.marked(0, fold.symbol, &[&fold.address, &words]);
    let mut notes: Vec<String> = Vec::new();
    for one in &fold.steps {
        for note in step::notes(plan, one) {
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
    }
    // One more line is as short as the number of lines.
    let most = if notes.len() == INSTANCES + 1 { notes.len() } else { INSTANCES };
    for note in notes.iter().take(most) {
        page.line(4, note);
    }
    if let Some(more) = notes.len().checked_sub(most).filter(|more| *more > 0) {
        page.line(4, format_args!("and {more} more"));
    }
}

/// Returns the legend of the symbols before the steps.
fn legend(answers: Option<&ListedAnswers>) -> &'static str {
    match answers {
        None | Some(ListedAnswers::Run { .. }) => {
            "< reads, ~ creates, updates or runs a program, ~/- may delete instead, - deletes, = computes"
        }
        Some(ListedAnswers::Services) => {
            "< reads, = computes, + creates, ~ updates, -/+ replaces, - deletes, ? unknown, ?/- may delete"
        }
    }
}
