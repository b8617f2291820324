//! Lists the failures of a run.

use indexmap::IndexMap;

use crate::journal::Journal;
use crate::run::Event;
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
                    let unconfirmed = if *uncertain { " (the change is unconfirmed)" } else { "" };
                    let reason = format!("{}{unconfirmed}", error.in_one_line());
                    problems.add_with(step, reason, error.announced());
                }
                Event::TokenFailed { audience, error, .. } => problems.add(audience, error.in_one_line()),
                Event::ValueFailed { address, error } => problems.add(address, error.in_one_line()),
                Event::CheckFailed { check, error } => problems.add(check, error.in_one_line()),
                Event::Interrupted { .. } => problems.add("", "the user asked to stop".to_owned()),
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
        self.reasons.into_iter().map(line).collect()
    }
}
