//! Draws the steps of a run or of a plan.

use std::collections::{BTreeMap, HashMap, HashSet};

use indexmap::IndexMap;

use super::outcome::outcome;
use super::{Block, ReportedRun};
use crate::diagnostic::Style;
use crate::graph::{Drawing, DrawnPart, Kind, Outcome, Outcomes};
use crate::journal::RecordedStep;
use crate::layout::Page;
use crate::plan::{Listing, shape};
use crate::run::Event;

/// Returns the picture of a graph, or a sentence if there is nothing to draw.
pub fn block(drawing: Drawing) -> Block {
    if !drawing.is_empty() {
        return Block::Picture(Box::new(drawing));
    }
    let mut page = Page::new(Style::default());
    page.line(0, "There are no steps.");
    Block::Page(page)
}

/// Draws a plan.
pub fn of_plan(plan: &Listing) -> Drawing {
    Drawing::of_parts(&plan.graph, &Outcomes::new())
}

/// Draws a run: its steps and tokens, and what became of each.
///
/// The plan of the run beside it has all arrows. A record alone holds for each step the last one that it waited for.
pub fn of_run(run: &ReportedRun<'_>) -> Drawing {
    let planned = run.plan.filter(|_| run.mismatch().is_none()).map_or(&[][..], |plan| &plan.listing.graph);
    let mut parts: IndexMap<&str, DrawnPart> =
        planned.iter().map(|part| (part.block.as_str(), part.clone())).collect();
    let mut outcomes = Outcomes::new();
    let tokens = tokens(run);
    let steps: Vec<(String, &str, &RecordedStep<'_>)> =
        run.run.steps.iter().map(|(address, step)| (shape(address), *address, step)).collect();
    let known: HashSet<&str> = planned.iter().map(|part| part.block.as_str()).collect();
    for (name, outcome) in &tokens {
        outcomes.insert(name.clone(), BTreeMap::from([(*outcome, 1)]));
        parts.entry(name).or_insert_with(|| DrawnPart::new(name, name.clone(), Kind::Token));
    }
    for (block, address, step) in &steps {
        let kind = step.started.map_or(Kind::NotRun, |started| Kind::of(started.effect));
        let counts = outcomes.entry(block.clone()).or_default();
        let is_first = counts.is_empty();
        *counts.entry(outcome(step)).or_default() += 1;
        let part = parts.entry(block).or_insert_with(|| DrawnPart::new(address, block.clone(), kind));
        part.kind = part.kind.max(Some(kind));
        // The number of instances of a plan may be known only during the run.
        part.instances = if is_first { 1 } else { part.instances + 1 };
        part.instance = (is_first && address != block).then(|| (*address).to_owned());
        if !known.contains(block.as_str()) {
            let after = step.started.and_then(|started| started.after);
            part.after.extend(
                after.map(|after| if tokens.contains_key(after) { after.to_owned() } else { shape(after) }),
            );
        }
    }
    Drawing::of_parts(&parts.into_values().collect::<Vec<_>>(), &outcomes)
}

/// Returns the tokens that the run asked for, each with its outcome.
fn tokens(run: &ReportedRun<'_>) -> HashMap<String, Outcome> {
    let of = |event: &Event| match event {
        Event::TokenAcquired { .. } => Outcome::Done,
        Event::TokenFailed { .. } => Outcome::Failed,
        _ => Outcome::Unfinished,
    };
    let records = run.journal.records();
    records.filter_map(|record| record.event.token().map(|name| (name, of(&record.event)))).collect()
}
