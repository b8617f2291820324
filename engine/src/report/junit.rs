//! Writes a run as JUnit test cases, for tools that show the results of tests.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::ReportedRun;
use super::outcome::told;
use super::reported_run::WorkOf;
use crate::diagnostic::{json::JsonDiagnostic, visible_line};
use crate::journal::{RecordedStep, StepResult, Verdict};
use crate::plan::shape;
use crate::run::Event;

/// The beginning of each report.
pub const BEGINNING: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=";

/// Returns a test case for each step, token, check and value: a failure with its message, or a step that did not run.
///
/// A record that is not whole is a failure of its own.
#[must_use]
pub fn junit(run: &ReportedRun<'_>) -> String {
    let (name, id) = run
        .run
        .started
        .map_or(("a run", "unknown"), |started| (started.runbook.as_str(), started.run.as_str()));
    let mut suite = TestSuite::new(clean(name));
    suite.add_property(("run", clean(id).as_str()));
    suite.add_property(("sha256", run.journal.head.to_string().as_str()));
    let work = run.work();
    for (address, step) in &run.run.steps {
        suite.add_test_case(of_step(address, step, work.get(address)));
    }
    suite.add_test_cases(run.journal.records().filter_map(|record| of_event(&record.event)));
    suite.add_test_case(of_record(&run.journal.verdict));
    if let Some(finished) = run.run.finished {
        suite.set_time(Duration::from_millis(finished.milliseconds));
    }
    let mut report = Report::new(clean(name));
    report.add_test_suite(suite);
    // Writing to a string cannot fail.
    report.to_string().unwrap_or_default()
}

fn of_step(address: &str, step: &RecordedStep<'_>, work: Option<&WorkOf<'_>>) -> TestCase {
    let status = match step.ending.as_ref().map(|ending| &ending.result) {
        Some(StepResult::Finished { .. } | StepResult::Recalled { .. }) => TestCaseStatus::success(),
        Some(StepResult::Skipped { because, .. }) => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(clean(because));
            status
        }
        Some(StepResult::Failed { error, tolerated: true, .. }) => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(clean(&format!("failed, and was tolerated: {}", told(error))));
            status
        }
        Some(StepResult::Failed { error, .. }) => failure(NonSuccessKind::Failure, error),
        None => error("the record has no end of this step"),
    };
    let mut case = TestCase::new(clean(address), status);
    // A step that did not start has its type in its address: `step.TYPE.NAME`.
    let block = shape(address);
    let class = step.started.map(|started| started.step_type).or(block.rsplit('.').nth(1));
    case.set_classname(clean(class.unwrap_or("step")));
    if let Some(span) = work.and_then(|work| work.span) {
        case.set_time(Duration::from_micros(span.ended.saturating_sub(span.began)));
    }
    case
}

/// Returns the test case for a problem outside of steps.
fn of_event(event: &Event) -> Option<TestCase> {
    let (class, name, status) = match event {
        Event::TokenFailed { error, .. } => ("token", event.token()?, failure(NonSuccessKind::Error, error)),
        Event::ValueFailed { address, error } => {
            ("value", address.clone(), failure(NonSuccessKind::Error, error))
        }
        Event::CheckFailed { check, error } => {
            ("check", check.clone(), failure(NonSuccessKind::Failure, error))
        }
        Event::Interrupted { signal, .. } => ("run", "the run".to_owned(), error(&signal.stopped())),
        Event::DeadlinePassed { .. } => {
            ("run", "the run".to_owned(), error("the time limit of the run was reached"))
        }
        _ => return None,
    };
    let mut case = TestCase::new(clean(&name), status);
    case.set_classname(class);
    Some(case)
}

/// Returns the test case of the record itself.
fn of_record(verdict: &Verdict) -> TestCase {
    let status = match verdict {
        Verdict::Complete => TestCaseStatus::success(),
        Verdict::Unfinished => error("the run has not ended: it is still running, or it was killed"),
        Verdict::Torn => error("the last line is cut off: the run was killed while writing it"),
        Verdict::Broken { line, reason } => error(&format!("line {line} was changed: {reason}")),
        Verdict::Unreadable { line, reason } => error(&format!("line {line} cannot be read: {reason}")),
    };
    let mut case = TestCase::new("the record is whole", status);
    case.set_classname("record");
    case
}

fn failure(kind: NonSuccessKind, error: &JsonDiagnostic) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(clean(&error.code)).set_message(clean(&error.summary));
    let lines = error.detail.iter().chain(&error.help).map(|line| clean(line));
    status.set_description(lines.collect::<Vec<_>>().join("\n"));
    status
}

fn error(message: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_message(clean(message));
    status
}

/// Returns foreign text without hidden characters.
fn clean(text: &str) -> String {
    visible_line(text)
}
