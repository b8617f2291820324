//! Lists the steps of a run with their requests.

use std::collections::HashMap;

use super::document::Fold;
use super::grouping::{Group, groups};
use super::outcome::{outcome, symbol, tally, told};
use super::reported_run::{WorkOf, took};
use super::{Block, ReportedRun};
use crate::diagnostic::Style;
use crate::graph::{Acting, Outcome};
use crate::journal::{RecordedStep, StepResult};
use crate::layout::{Page, Row};
use crate::timeline::{Kind, Span};

/// The maximum number of rows that are open from the start.
const OPEN: usize = 60;

/// The names of the columns.
const COLUMNS: [&str; 6] = ["state", "step or request", "result", "began", "took", "request id"];

/// Lists the steps of each block, and the requests of tokens.
pub fn blocks(run: &ReportedRun<'_>) -> Vec<Block> {
    let work = run.work();
    let is_small = run.spans.len() <= OPEN;
    let groups = groups(run, |_| true);
    let folds = groups.iter().map(|group| fold(group, &work, is_small));
    let folds: Vec<Fold> = tokens(run, &work, is_small).into_iter().chain(folds).collect();
    if folds.is_empty() {
        let mut page = Page::new(Style::default());
        page.line(0, "The record has no step.");
        return vec![Block::Page(page)];
    }
    vec![Block::Folds(folds)]
}

fn fold(group: &Group<'_>, work: &HashMap<&str, WorkOf<'_>>, is_small: bool) -> Fold {
    let Group { name, steps } = group;
    let (words, worst) = tally(steps.iter().map(|(_, step)| outcome(step)));
    let worst = worst.unwrap_or(Outcome::Done);
    let mut page = Page::new(Style::default());
    let none = WorkOf::default();
    let mut rows = Vec::new();
    for (address, step) in steps {
        let work = work.get(address).unwrap_or(&none);
        rows.push(row_of_step(address, step, work));
        rows.extend(work.requests.iter().map(|request| row_of_request(request)));
    }
    page.columns("", &COLUMNS, rows);
    let is_open = is_small || worst >= Outcome::Tolerated && steps.len() <= OPEN;
    Fold { title: name.clone(), note: words, class: worst.class(), is_open, page }
}

fn row_of_step(address: &str, step: &RecordedStep<'_>, work: &WorkOf<'_>) -> Row {
    let outcome = outcome(step);
    let reason = match step.ending.as_ref().map(|ending| &ending.result) {
        Some(StepResult::Failed { error, .. }) => Some(told(error)),
        Some(StepResult::Skipped { because, .. }) => Some((*because).to_owned()),
        _ => None,
    };
    let actor = step.started.and_then(|started| started.acts_as);
    let actor = actor.filter(|actor| *actor != Acting::MACHINE).map(|actor| format!("as {actor}"));
    let result = [Some(outcome.words().to_owned()), reason, actor];
    let result = result.into_iter().flatten().collect::<Vec<_>>().join(": ");
    let (began, took) = times(work.span);
    Row { symbol: symbol(outcome), cells: vec![address.to_owned(), result, began, took, String::new()] }
}

fn row_of_request(request: &Span) -> Row {
    let status = request.fact("status").map(ToString::to_string);
    let status = match (status, &request.failure) {
        (Some(status), _) => status,
        (None, Some(failure)) => failure.clone(),
        (None, None) => "no answer is recorded".to_owned(),
    };
    let id = request.fact("request_id").and_then(serde_json::Value::as_str).unwrap_or_default();
    let (began, took) = times(Some(request));
    Row { symbol: "", cells: vec![format!("→ {}", request.name), status, began, took, id.to_owned()] }
}

/// Returns the start and the duration of a span.
fn times(span: Option<&Span>) -> (String, String) {
    let Some(span) = span else { return Default::default() };
    (took(span.began), took(span.ended.saturating_sub(span.began)))
}

/// Lists the tokens with their requests.
fn tokens(run: &ReportedRun<'_>, work: &HashMap<&str, WorkOf<'_>>, is_open: bool) -> Option<Fold> {
    let spans: Vec<&Span> = run.spans.iter().filter(|span| span.kind == Kind::Token).collect();
    let of = |span: &Span| if span.failure.is_some() { Outcome::Failed } else { Outcome::Done };
    let (words, worst) = tally(spans.iter().map(|span| of(span)));
    let worst = worst?;
    let mut rows = Vec::new();
    for span in &spans {
        let (began, took) = times(Some(span));
        let result = span.failure.clone().unwrap_or_else(|| "acquired".to_owned());
        let cells = vec![span.name.clone(), result, began, took, String::new()];
        rows.push(Row { symbol: symbol(of(span)), cells });
        let requests = work.get(span.name.as_str()).map_or(&[][..], |work| &work.requests);
        rows.extend(requests.iter().map(|request| row_of_request(request)));
    }
    let mut page = Page::new(Style::default());
    page.columns("", &COLUMNS, rows);
    let is_open = is_open || worst == Outcome::Failed;
    Some(Fold { title: "tokens".to_owned(), note: words, class: worst.class(), is_open, page })
}
