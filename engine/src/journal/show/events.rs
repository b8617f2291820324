//! Describes the events of a run.

use crate::journal::Journal;
use crate::layout::Page;
use crate::run::{Cause, Event, Record, RunFinished, RunStarted, doing};
use crate::step::Change;

/// Writes the events of a run in order.
pub fn write(page: &mut Page, journal: &Journal) {
    page.gap();
    page.heading("Events", "");
    for record in journal.records() {
        if let Some(line) = line(&record.event) {
            page.entry(2, (time(record), 0), line);
        }
    }
}

/// Returns the time of day of a record.
fn time(record: &Record) -> &str {
    record.at.split_once('T').map_or(record.at.as_str(), |(_, time)| time)
}

fn line(event: &Event) -> Option<String> {
    Some(match event {
        Event::RunStarted(started) => run_started(started),
        Event::RunFinished(finished) => run_finished(finished),
        Event::TokenAcquired { milliseconds, .. } => format!("{} after {milliseconds} ms", event.token()?),
        Event::TokenFailed { error, .. } => format!("{} failed: {}", event.token()?, error.in_one_line()),
        Event::Output { name, sensitive: true, .. } => format!("output {name} is sensitive"),
        Event::Output { name, value, .. } => {
            let value = value.as_ref().map(ToString::to_string);
            format!("output {name} = {}", value.as_deref().unwrap_or("null"))
        }
        Event::ValueFailed { address, error } => format!("{address} failed: {}", error.in_one_line()),
        Event::CheckFailed { check, error } => format!("{check} failed: {}", error.in_one_line()),
        Event::Interrupted { signal, .. } => signal.stopped(),
        Event::DeadlinePassed { .. } => "the time limit of the run was reached".to_owned(),
        step => return of_step(step),
    })
}

/// Describes an event of a step.
fn of_step(event: &Event) -> Option<String> {
    Some(match event {
        Event::StepStarted { step, effect, .. } => format!("{step} {}", doing(*effect)),
        Event::ChangeIntended { step, change, .. } => match change.as_deref() {
            Some(change) if change.is_known() => format!("{step} is about to {}", change.words()),
            _ => format!("{step} is about to change"),
        },
        Event::OperationStarted { step, .. } => format!("{step}: the service has accepted it"),
        Event::BytesTransferred { step, bytes, size } => format!("{step}: {bytes} of {size} bytes"),
        Event::OperationPolled { step, state, percent: Some(percent), .. } => {
            format!("{step}: {state}, {percent} %")
        }
        Event::OperationPolled { step, state, percent: None, .. } => format!("{step}: {state}"),
        Event::StepWaiting { step, left_milliseconds } => format!("{step} waits for {left_milliseconds} ms"),
        Event::OperationFinished { step, state } => format!("{step}: the service is done: {state}"),
        Event::StepRecalled { step, run, change, .. } => format!("{step} was {} by {run}", done(*change)),
        Event::RequestSent { step, method, url } => format!("{step} {method} {url}"),
        Event::RequestAnswered { step, status, request_id: Some(id) } => {
            format!("{step} answered {status} (request id {id})")
        }
        Event::RequestAnswered { step, status, request_id: None } => format!("{step} answered {status}"),
        Event::RequestRetried { step, attempt, reason, .. }
        | Event::StepRetried { step, attempt, reason, .. } => {
            format!("{step} again, attempt {attempt}: {reason}")
        }
        Event::StepFinished { step, change, milliseconds, .. } => {
            format!("{step} {} after {milliseconds} ms", done(*change))
        }
        Event::StepFailed { step, error, uncertain: true, .. } => {
            format!("{step} failed, the change is unconfirmed: {}", error.in_one_line())
        }
        Event::StepFailed { step, error, tolerated: true, .. } => {
            format!("{step} failed, the run continues: {}", error.in_one_line())
        }
        Event::StepFailed { step, error, .. } => format!("{step} failed: {}", error.in_one_line()),
        Event::StepSkipped { step, cause: Cause::LeftOut, because } => format!("{step} left out: {because}"),
        Event::StepSkipped { step, because, .. } => format!("{step} not run: {because}"),
        _ => return None,
    })
}

/// Describes the start of a run: the environment, the plan file, and the run that it resumes or undoes.
fn run_started(started: &RunStarted) -> String {
    let RunStarted { run, runbook, versions, by, identity, setting, .. } = started;
    let identity = identity.clone().unwrap_or_else(|| by.to_string());
    let arcbook = &versions.arcbook;
    let world = if setting.is_empty() { "an unrecorded environment".to_owned() } else { setting.to_string() };
    let plan = started.plan.as_ref().map(|sha256| format!(", of the plan {sha256}")).unwrap_or_default();
    let other = match (&started.resumes, &started.undoes) {
        (Some(lineage), _) => format!(", resuming {}", lineage.run),
        (None, Some(lineage)) => format!(", undoing {}", lineage.run),
        (None, None) => String::new(),
    };
    format!("run {run} of {runbook} by arcbook {arcbook}, as {identity}, on {world}{plan}{other}")
}

fn run_finished(finished: &RunFinished) -> String {
    let RunFinished { status, done, changed, failed, skipped, milliseconds, .. } = finished;
    let status = status.as_str();
    format!(
        "{status}: {done} done ({changed} changed), {failed} failed, {skipped} not run, {milliseconds} ms"
    )
}

/// Returns `done`, `created`, `updated` or `removed`.
fn done(change: Change) -> &'static str {
    if change == Change::None { "done" } else { change.as_str() }
}
