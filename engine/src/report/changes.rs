//! Shows what each change replaced, and what it left.

use super::document::Fold;
use super::grouping::{Group, groups};
use super::outcome::{outcome, tally};
use super::{Block, ReportedRun};
use crate::diagnostic::Style;
use crate::graph::Outcome;
use crate::journal::{RecordedIntent, RecordedStep, StepResult};
use crate::layout::{Page, Row};
use crate::plan::{PlannedChange, ShownValue};
use crate::step::{Change, PriorState, Title};
use crate::value::{Value, show_inline};

/// The maximum number of characters of a value; the record has all of them.
const VALUE: usize = 400;

/// The maximum number of changes that are open from the start.
const OPEN: usize = 30;

/// Lists the changes of each block with the state before and after.
pub fn blocks(run: &ReportedRun<'_>) -> Vec<Block> {
    let groups = groups(run, changes);
    let is_open = groups.iter().map(|group| group.steps.len()).sum::<usize>() <= OPEN;
    let folds: Vec<Fold> = groups.iter().map(|group| fold(group, is_open)).collect();
    if folds.is_empty() {
        let mut page = Page::new(Style::default());
        page.line(0, "The run changed nothing.");
        return vec![Block::Page(page)];
    }
    vec![Block::Folds(folds)]
}

/// Returns true if the step changed something, or was about to.
fn changes(step: &RecordedStep<'_>) -> bool {
    !step.intents.is_empty() || made(step).is_some_and(|change| change != Change::None)
}

/// Returns the change that the record says a step made.
fn made(step: &RecordedStep<'_>) -> Option<Change> {
    match step.ending.as_ref()?.result {
        StepResult::Finished { change, .. } | StepResult::Recalled { change, .. } => Some(change),
        StepResult::Failed { change, .. } => change,
        StepResult::Skipped { .. } => None,
    }
}

fn fold(group: &Group<'_>, is_open: bool) -> Fold {
    let Group { name, steps } = group;
    let (words, worst) = tally(steps.iter().map(|(_, step)| outcome(step)));
    let titles: Vec<&Title> =
        steps.iter().filter_map(|(_, step)| step.started).map(|started| started.title).collect();
    let title = Title::of_all(&titles).whole();
    let title = if title.is_empty() { name.clone() } else { format!("{name}: {title}") };
    let mut page = Page::new(Style::default());
    if let [(_, step)] = steps.as_slice() {
        page.columns("", &["change", "attribute", "before", "after"], rows(None, step));
    } else {
        let rows = steps.iter().flat_map(|(address, step)| rows(Some(address), step)).collect();
        page.columns("", &["change", "step", "attribute", "before", "after"], rows);
    }
    Fold { title, note: words, class: worst.unwrap_or(Outcome::Done).class(), is_open, page }
}

/// Returns a row for the object, one for each difference, and one for each part of its state that is recorded; each
/// begins with the address, if there is one.
fn rows(address: Option<&str>, step: &RecordedStep<'_>) -> Vec<Row> {
    let intent = step.intents.last();
    let row = |symbol, attribute: &str, before: String, after: String| Row {
        symbol,
        cells: address.map(str::to_owned).into_iter().chain([attribute.to_owned(), before, after]).collect(),
    };
    let (symbol, after) = after(step);
    let mut rows = vec![row(symbol, "(the object)", before(intent).to_owned(), after.to_owned())];
    let differences = intent.and_then(|intent| intent.change).map_or(&[][..], PlannedChange::differences);
    for difference in differences {
        rows.push(row("", &difference.attribute, inline(&difference.was), inline(&difference.will)));
    }
    if let Some(intent) = intent {
        rows.extend(intent.prior.map(|prior| row("", "(content before)", shown(prior), String::new())));
        rows.extend(
            intent.kept.map(|kept| row("", "(copy of the content before)", kept.to_owned(), String::new())),
        );
    }
    let outputs = step.outputs().filter(|_| made(step).is_some_and(|change| change != Change::Removed));
    let is_state = |(name, _): &(&str, &ShownValue)| *name != "changed";
    for (name, value) in outputs.iter().flat_map(|outputs| outputs.iter()).filter(is_state) {
        rows.push(row("", &format!("{name} (output)"), String::new(), shown(value)));
    }
    rows
}

/// Returns the state before the change in words.
fn before(intent: Option<&RecordedIntent<'_>>) -> &'static str {
    match intent.map(|intent| intent.before) {
        Some(PriorState::Absent) => "absent",
        Some(PriorState::Present) => "present",
        Some(PriorState::Unknown) => "unknown",
        None => "not recorded",
    }
}

/// Returns the symbol of the change and the state after it in words.
fn after(step: &RecordedStep<'_>) -> (&'static str, &'static str) {
    let is_uncertain = matches!(
        step.ending.as_ref().map(|ending| &ending.result),
        None | Some(StepResult::Failed { uncertain: true, .. })
    );
    match made(step) {
        _ if is_uncertain => ("?", "unconfirmed"),
        Some(Change::Created) => ("+", "created"),
        Some(Change::Updated) => ("~", "updated"),
        Some(Change::Removed) => ("-", "removed"),
        Some(Change::None) | None => ("", "not changed"),
    }
}

fn shown(value: &ShownValue) -> String {
    value.to_value().map_or_else(|_| "(unreadable)".to_owned(), |value| inline(&value))
}

fn inline(value: &Value) -> String {
    show_inline(value, VALUE)
}
