//! Tells what became of a step.

use std::collections::BTreeMap;

use crate::diagnostic::json::JsonDiagnostic;
use crate::graph::Outcome;
use crate::journal::{RecordedStep, StepResult};
use crate::step::Change;

/// Returns the outcome of a recorded step.
pub fn outcome(step: &RecordedStep<'_>) -> Outcome {
    match step.ending.as_ref().map(|ending| &ending.result) {
        None => Outcome::Unfinished,
        Some(StepResult::Finished { change: Change::None, .. }) => Outcome::Done,
        Some(StepResult::Finished { .. }) => Outcome::Changed,
        Some(StepResult::Recalled { .. }) => Outcome::Recalled,
        Some(StepResult::Skipped { .. }) => Outcome::Skipped,
        Some(StepResult::Failed { uncertain: true, .. }) => Outcome::Unconfirmed,
        Some(StepResult::Failed { tolerated: true, .. }) => Outcome::Tolerated,
        Some(StepResult::Failed { .. }) => Outcome::Failed,
    }
}

/// Returns an error with its place and its remedies, on one line.
pub fn told(error: &JsonDiagnostic) -> String {
    let place = error.range.as_ref().map(|range| format!(" ({}:{})", range.filename, range.start.line));
    let help =
        if error.help.is_empty() { String::new() } else { format!("; help: {}", error.help.join("; ")) };
    format!("{}{}{help}", error.in_one_line(), place.unwrap_or_default())
}

/// Returns the symbol before a step with that outcome.
pub const fn symbol(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Done | Outcome::Recalled => "ok",
        Outcome::Changed => "~",
        Outcome::Skipped | Outcome::Unfinished | Outcome::Tolerated => "warning",
        Outcome::Failed | Outcome::Unconfirmed => "error",
    }
}

/// Counts outcomes in words, the most important first, and returns the most important.
pub fn tally(outcomes: impl Iterator<Item = Outcome>) -> (String, Option<Outcome>) {
    let mut counts: BTreeMap<Outcome, usize> = BTreeMap::new();
    outcomes.for_each(|outcome| *counts.entry(outcome).or_default() += 1);
    let total: usize = counts.values().sum();
    let words = counts.iter().rev().map(|(outcome, count)| match total {
        1 => outcome.words().to_owned(),
        _ => format!("{count} {}", outcome.words()),
    });
    (words.collect::<Vec<_>>().join(", "), counts.keys().next_back().copied())
}
