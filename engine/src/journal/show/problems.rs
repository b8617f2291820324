//! Lists the failures of a run.

use indexmap::IndexMap;

use crate::graph::Acting;
use crate::journal::Journal;
use crate::plan::each_block_first;
use crate::run::{Event, UNCONFIRMED};
use crate::step::few;

/// The failures of a run, each reason with the parts that it made fail, and the number of steps that did not run.
#[derive(Default)]
pub struct Problems<'a> {
    reasons: IndexMap<(String, Vec<&'a str>), Vec<&'a str>>,
}

impl<'a> Problems<'a> {
    /// Finds the failures in a record.
    pub fn of(journal: &'a Journal) -> Self {
        let mut problems = Self::default();
        for record in journal.records() {
            match &record.event {
                Event::StepFailed { step, error, uncertain, .. } => {
                    let reason = error.in_one_line();
                    // The error of the last attempt does not tell that an earlier one is uncertain.
                    let unconfirmed = *uncertain && !reason.contains(UNCONFIRMED);
                    let reason = if unconfirmed { format!("{reason} ({UNCONFIRMED})") } else { reason };
                    problems.add_with(step, reason, error.announced());
                }
                Event::TokenFailed { audience, acts_as, error, .. } => {
                    let name = match acts_as.as_deref() {
                        None | Some(Acting::MACHINE) => audience.as_str(),
                        Some(_) => acts_as.as_deref().unwrap_or_default(),
                    };
                    problems.add(name, error.in_one_line());
                }
                Event::ValueFailed { address, error } => problems.add(address, error.in_one_line()),
                Event::CheckFailed { check, error } => problems.add(check, error.in_one_line()),
                Event::Interrupted { signal, .. } => problems.add("", signal.stopped()),
                Event::DeadlinePassed { .. } => {
                    problems.add("", "the time limit of the run was reached".to_owned());
                }
                _ => {}
            }
        }
        problems
    }

    fn add(&mut self, part: &'a str, reason: String) {
        self.add_with(part, reason, Vec::new());
    }

    fn add_with(&mut self, part: &'a str, reason: String, messages: Vec<&'a str>) {
        let parts = self.reasons.entry((reason, messages)).or_default();
        if !parts.contains(&part) {
            parts.push(part);
        }
    }

    /// Returns a line for each reason, with the messages that belong to it.
    pub fn lines(self) -> Vec<(String, Vec<&'a str>)> {
        let line = |((reason, messages), parts): ((String, Vec<&'a str>), Vec<&str>)| match parts.as_slice() {
            [""] => (reason, messages),
            parts => (format!("{}: {reason}", few(parts)), messages),
        };
        let reasons = each_block_first(self.reasons.into_iter().collect(), |(_, parts)| parts[0]);
        reasons.into_iter().map(line).collect()
    }
}
