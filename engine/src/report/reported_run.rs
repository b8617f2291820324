//! Gathers everything that a report says about a run.

use std::collections::HashMap;

use super::SignedFile;
use crate::journal::{Journal, RunRecord};
use crate::plan::Listing;
use crate::timeline::{Kind, Span, Timeline};

/// A run, and the plan that it is compared with.
pub struct ReportedRun<'a> {
    /// The record.
    pub journal: &'a Journal,
    /// The facts of the record.
    pub run: RunRecord<'a>,
    /// The plan, if one is given.
    pub plan: Option<PlanBeside<'a>>,
    /// The signatures of the record and of the plan file.
    pub signatures: Vec<SignedFile>,
    /// The spans of the run.
    pub(super) spans: Vec<Span>,
}

/// A plan beside a run.
#[derive(Clone, Copy)]
pub struct PlanBeside<'a> {
    /// The listing of the plan.
    pub listing: &'a Listing,
    /// The SHA-256 of the plan file; none for a plan that was made for the report.
    pub sha256: Option<&'a str>,
}

/// The work of a step: its span, and its requests in order.
#[derive(Clone, Default)]
pub(super) struct WorkOf<'a> {
    pub span: Option<&'a Span>,
    pub requests: Vec<&'a Span>,
}

impl<'a> ReportedRun<'a> {
    /// Gathers what a journal says.
    #[must_use]
    pub fn of(journal: &'a Journal, plan: Option<PlanBeside<'a>>) -> Self {
        let mut timeline = Timeline::new();
        let mut spans: Vec<Span> = journal.records().flat_map(|record| timeline.take(record)).collect();
        spans.extend(timeline.close());
        spans.sort_by_key(|span| (span.began, span.id));
        Self { journal, run: RunRecord::of(journal), plan, signatures: Vec::new(), spans }
    }

    /// Returns the work of each step and token by its name.
    pub(super) fn work(&self) -> HashMap<&str, WorkOf<'_>> {
        let parents: HashMap<u64, &Span> = self.spans.iter().map(|span| (span.id, span)).collect();
        let mut work: HashMap<&str, WorkOf<'_>> = HashMap::new();
        for span in &self.spans {
            match span.kind {
                Kind::Step | Kind::Token => work.entry(&span.name).or_default().span = Some(span),
                Kind::Request => {
                    let parent = |span: &Span| span.parent.and_then(|id| parents.get(&id).copied());
                    // A request of a step with several attempts belongs to one of them.
                    let above = parent(span).and_then(|above| match above.kind {
                        Kind::Attempt => parent(above),
                        _ => Some(above),
                    });
                    if let Some(step) = above {
                        work.entry(&step.name).or_default().requests.push(span);
                    }
                }
                Kind::Run | Kind::Attempt => {}
            }
        }
        work
    }
}

/// Returns a duration in words.
pub(super) fn took(microseconds: u64) -> String {
    let milliseconds = microseconds / 1_000;
    match milliseconds {
        0 => format!("{}.{} ms", microseconds / 1_000, microseconds % 1_000 / 100),
        1..1_000 => format!("{milliseconds} ms"),
        1_000..60_000 => format!("{}.{:02} s", milliseconds / 1_000, milliseconds % 1_000 / 10),
        _ => format!("{} min {} s", milliseconds / 60_000, milliseconds % 60_000 / 1_000),
    }
}
