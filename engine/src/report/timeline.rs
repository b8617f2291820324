//! Charts the spans of a run.

use std::collections::HashSet;

use indexmap::IndexMap;

use super::ReportedRun;
use super::outcome::outcome;
use crate::graph::Outcome;
use crate::plan::shape;
use crate::timeline::{Kind, Span};

/// The maximum number of rows of a chart.
const MOST: usize = 100;

/// The parts of a chart's width that a gap between bars has at least.
const PARTS: u64 = 1_000;

/// A chart of the steps and tokens of a run. Times are in microseconds since its start.
pub struct Chart {
    /// The rows, in the order of their starts.
    pub rows: Vec<ChartRow>,
    /// The end of the last one.
    pub total: u64,
    /// The number of steps and tokens that have no row.
    pub left_out: usize,
}

/// A step or token, or the instances of a block.
pub struct ChartRow {
    /// The address, with the number of instances if there are several.
    pub label: String,
    /// The times of work, in order, each with its outcome.
    pub bars: Vec<(u64, u64, Outcome)>,
    /// The times for which it was ready and waited for a place.
    pub queued: Vec<(u64, u64)>,
    /// True if it determined the duration of the run.
    pub is_critical: bool,
    /// The number of steps or tokens.
    pub count: usize,
}

impl ChartRow {
    /// Returns the start of the first and the end of the last.
    pub fn extent(&self) -> (u64, u64) {
        let began = self.bars.iter().map(|bar| bar.0).min().unwrap_or(0);
        (began, self.bars.iter().map(|bar| bar.1).max().unwrap_or(began))
    }
}

/// Charts the steps and tokens; the instances of a block share a row if there are many.
pub fn chart(run: &ReportedRun<'_>) -> Chart {
    let spans: Vec<&Span> =
        run.spans.iter().filter(|span| matches!(span.kind, Kind::Step | Kind::Token)).collect();
    let total = spans.iter().map(|span| span.ended).max().unwrap_or(0);
    let critical: HashSet<&str> = run
        .run
        .finished
        .iter()
        .flat_map(|finished| &finished.critical_path)
        .map(|link| link.address.as_str())
        .collect();
    let is_many = spans.len() > MOST;
    let mut rows: IndexMap<String, ChartRow> = IndexMap::new();
    for span in spans {
        let is_critical = critical.contains(span.name.as_str());
        let key = if is_many && span.kind == Kind::Step { shape(&span.name) } else { span.name.clone() };
        let row = rows.entry(key).or_insert_with(|| ChartRow {
            label: span.name.clone(),
            bars: Vec::new(),
            queued: Vec::new(),
            is_critical: false,
            count: 0,
        });
        row.count += 1;
        row.is_critical |= is_critical;
        row.add(span, of_span(run, span), total);
    }
    for (block, row) in rows.iter_mut().filter(|(_, row)| row.count > 1) {
        row.label = format!("{block} ({} instances)", row.count);
    }
    longest(rows.into_values().collect(), total)
}

/// Keeps the critical path and the longest of the other rows.
fn longest(mut rows: Vec<ChartRow>, total: u64) -> Chart {
    let mut left_out = 0;
    if rows.len() > MOST {
        let length = |row: &ChartRow| row.bars.iter().map(|bar| bar.1 - bar.0).sum::<u64>();
        rows.sort_by_key(|row| std::cmp::Reverse((row.is_critical, length(row))));
        left_out = rows.split_off(MOST).iter().map(|row| row.count).sum();
        rows.sort_by_key(ChartRow::extent);
    }
    Chart { rows, total, left_out }
}

impl ChartRow {
    /// Adds a span; one that follows the last without a visible gap continues its bar.
    fn add(&mut self, span: &Span, outcome: Outcome, total: u64) {
        let gap = total / PARTS;
        let queued = span.fact("queued_microseconds").and_then(serde_json::Value::as_u64).unwrap_or(0);
        if queued > 0 {
            let began = span.began.saturating_sub(queued);
            match self.queued.last_mut().filter(|last| began <= last.1 + gap) {
                Some(last) => last.1 = last.1.max(span.began),
                None => self.queued.push((began, span.began)),
            }
        }
        match self.bars.last_mut().filter(|last| last.2 == outcome && span.began <= last.1 + gap) {
            Some(last) => last.1 = last.1.max(span.ended),
            None => self.bars.push((span.began, span.ended, outcome)),
        }
    }
}

fn of_span(run: &ReportedRun<'_>, span: &Span) -> Outcome {
    match run.run.steps.get(span.name.as_str()) {
        Some(step) => outcome(step),
        None if span.failure.is_some() => Outcome::Failed,
        None => Outcome::Done,
    }
}
