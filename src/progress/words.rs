//! Formats events as text.

use std::time::Duration;

use arcbook_engine::plan::PlannedChange;
use arcbook_engine::run::{Cause, Event, Lineage, RunStarted, StopSignal, doing};
use arcbook_engine::step::Change;

/// Returns the line for an event; none for events that are not shown.
pub fn words(event: &Event) -> Option<String> {
    Some(match event {
        Event::RunStarted(started) => beginning(started),
        Event::StepStarted { step, effect, .. } => format!("{step}: {}", doing(*effect)),
        Event::RefreshStarted { runbook, identity, steps } => {
            let identity = identity.as_ref().map(|identity| format!(", as {identity}")).unwrap_or_default();
            format!("checking the changes of {runbook}: {}{identity}", plural(*steps, "step"))
        }
        Event::ChangeChecking { step, .. } => format!("{step}: checking"),
        Event::ChangePlanned { step, change, milliseconds } => {
            format!("{step}: {}", planned(change, *milliseconds))
        }
        Event::StepRecalled { step, run, .. } => format!("{step}: already done by {run}"),
        Event::RequestRetried { step, attempt, attempts, after_milliseconds, reason } => {
            let next = attempt_of(*attempt, Some(*attempts));
            format!("{step}: {reason}; {next} in {}", seconds(*after_milliseconds))
        }
        Event::StepRetried { step, attempt, attempts, after_milliseconds, reason, .. } => {
            let next = attempt_of(*attempt, *attempts);
            format!("{step}: {reason}; {next} in {}", seconds(*after_milliseconds))
        }
        Event::StepFinished { step, change, milliseconds, .. } => {
            format!("{step}: {} after {}", done(*change), seconds(*milliseconds))
        }
        Event::StepFailed { step, error, milliseconds, tolerated, .. } => {
            let tolerated = if *tolerated { ", and the run continues" } else { "" };
            format!("{step}: failed after {}{tolerated}: {}", seconds(*milliseconds), error.in_one_line())
        }
        Event::StepSkipped { step, because, cause } if !matches!(cause, Cause::Unneeded | Cause::LeftOut) => {
            format!("{step}: not run: {because}")
        }
        Event::ValueFailed { address, error } => format!("{address}: failed: {}", error.in_one_line()),
        Event::CheckFailed { check, error } => format!("{check}: failed: {}", error.in_one_line()),
        Event::Interrupted { signal, waits } => stopping(*signal, *waits),
        Event::DeadlinePassed { limit_milliseconds } => {
            format!("stopping: the time limit of the run, {}, is exceeded", seconds(*limit_milliseconds))
        }
        Event::StepsAdded { address, steps } => format!("{address}: {}", plural(*steps, "step")),
        Event::StepSkipped { .. }
        | Event::ChangeIntended { .. }
        | Event::IdentityEvaluated { .. }
        | Event::RequestSent { .. }
        | Event::RequestAnswered { .. }
        | Event::BytesTransferred { .. }
        | Event::Output { .. }
        | Event::RefreshFinished { .. }
        | Event::RunFinished(_) => return None,
        Event::TokenRequested { .. }
        | Event::TokenAcquired { .. }
        | Event::TokenFailed { .. }
        | Event::OperationStarted { .. }
        | Event::OperationPolled { .. }
        | Event::StepWaiting { .. }
        | Event::OperationFinished { .. } => return waiting(event),
    })
}

/// Describes the start of a run.
fn beginning(started: &RunStarted) -> String {
    let RunStarted { run, runbook, by, identity, steps, .. } = started;
    let identity = identity.clone().unwrap_or_else(|| by.to_string());
    let lineage = resuming(started.resumes.as_deref(), started.undoes.as_deref());
    let part = if started.selection.is_some() { "a part of " } else { "" };
    format!("run {run} of {part}{runbook}{lineage}: {}, as {identity}", plural(*steps, "step"))
}

/// Describes how a run stops, and what the next signal would do.
fn stopping(signal: StopSignal, waits: bool) -> String {
    let signal = signal.words();
    if waits {
        format!(
            "stopping ({signal}): waiting for steps in progress and cleanup steps; interrupt again to stop at once"
        )
    } else {
        format!("stopping at once ({signal})")
    }
}

/// Returns the line for an event of a token or an operation.
fn waiting(event: &Event) -> Option<String> {
    Some(match event {
        Event::TokenRequested { .. } => format!("{}: requesting", event.token()?),
        Event::TokenAcquired { milliseconds, .. } => {
            format!("{}: acquired after {}", event.token()?, seconds(*milliseconds))
        }
        Event::TokenFailed { error, milliseconds, .. } => {
            let after = seconds(*milliseconds);
            format!("{}: failed after {after}: {}", event.token()?, error.in_one_line())
        }
        Event::OperationStarted { step, .. } => format!("{step}: the service has accepted it"),
        Event::OperationFinished { step, state } => format!("{step}: the service is done: {state}"),
        Event::OperationPolled { step, state, percent, .. } => {
            format!("{step}: {}", polled(state, *percent))
        }
        Event::StepWaiting { step, left_milliseconds } => {
            format!("{step}: waits for {}", seconds(*left_milliseconds))
        }
        _ => return None,
    })
}

/// Formats the run that a run resumes or undoes, if any.
fn resuming(resumes: Option<&Lineage>, undoes: Option<&Lineage>) -> String {
    match (resumes, undoes) {
        (Some(lineage), _) => format!(", resuming {}", lineage.run),
        (None, Some(lineage)) => format!(", undoing {}", lineage.run),
        (None, None) => String::new(),
    }
}

/// Formats an attempt: `attempt 3 of 5`, or `attempt 3`.
pub fn attempt_of(attempt: u32, attempts: Option<u32>) -> String {
    let of = attempts.map_or_else(String::new, |attempts| format!(" of {attempts}"));
    format!("attempt {attempt}{of}")
}

/// Describes the state of an operation, such as `Creating, 60 %`.
pub fn polled(status: &str, percent: Option<u32>) -> String {
    percent.map_or_else(|| status.to_owned(), |percent| format!("{status}, {percent} %"))
}

/// Describes the progress of a transfer, such as `12.5 of 300.0 MiB (4 %)`.
pub fn transferred(bytes: u64, size: u64) -> String {
    let tenths = |bytes: u64| u128::from(bytes) * 10 / (1 << 20);
    let mebibytes = |bytes: u64| format!("{}.{}", tenths(bytes) / 10, tenths(bytes) % 10);
    let percent = u128::from(bytes) * 100 / u128::from(size.max(1));
    format!("{} of {} MiB ({percent} %)", mebibytes(bytes), mebibytes(size))
}

/// Returns `done`, `created`, `updated` or `removed`.
fn done(change: Change) -> &'static str {
    if change == Change::None { "done" } else { change.as_str() }
}

/// Formats a planned change, and the time that it took to determine.
fn planned(change: &PlannedChange, milliseconds: u64) -> String {
    let after = seconds(milliseconds);
    match change {
        PlannedChange::Nothing => format!("no change, after {after}"),
        PlannedChange::Unknown { why } => format!("unknown: {why}"),
        change => format!("would {}, after {after}", change.action()),
    }
}

/// Formats a number of milliseconds.
pub fn seconds(milliseconds: u64) -> String {
    match milliseconds {
        0..1_000 => format!("{milliseconds} ms"),
        1_000..60_000 => format!("{}.{} s", milliseconds / 1_000, milliseconds % 1_000 / 100),
        _ => format!("{} min {} s", milliseconds / 60_000, milliseconds % 60_000 / 1_000),
    }
}

/// Formats a duration.
pub fn length(time: Duration) -> String {
    seconds(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}

/// Formats a count: `1 step`, `2 steps`.
pub fn plural(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transfer_is_told_in_mebibytes() {
        for (bytes, size, expected) in [
            (0, 0, "0.0 of 0.0 MiB (0 %)"),
            (8 << 20, 300 << 20, "8.0 of 300.0 MiB (2 %)"),
            ((3 << 20) / 2, 3 << 20, "1.5 of 3.0 MiB (50 %)"),
            (u64::MAX, u64::MAX, "17592186044415.9 of 17592186044415.9 MiB (100 %)"),
        ] {
            assert_eq!(transferred(bytes, size), expected);
        }
    }

    #[test]
    fn time_is_written_in_the_unit_that_fits() {
        let cases =
            [(0, "0 ms"), (999, "999 ms"), (1_000, "1.0 s"), (59_990, "59.9 s"), (61_000, "1 min 1 s")];
        for (milliseconds, expected) in cases {
            assert_eq!(seconds(milliseconds), expected);
        }
    }
}
