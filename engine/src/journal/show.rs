//! Shows a journal to people.

use std::fmt::Write;

use serde_json::Value as Json;

use super::{Digest, Journal, Verdict};
use crate::diagnostic::json::in_one_line;
use crate::diagnostic::visible;
use crate::run::doing;
use crate::step::Setting;

/// Describes the events of a run in order.
#[must_use]
pub fn show(journal: &Journal) -> String {
    let mut text = String::new();
    for record in &journal.records {
        if let Some(line) = line(record) {
            let at = time(record);
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{at}  {}", visible(&line));
        }
    }
    let _ = writeln!(text, "\n{}", told(&journal.verdict, &journal.head));
    text
}

/// Describes the verdict about a record, whose last intact line has the digest `head`.
pub(super) fn told(verdict: &Verdict, head: &Digest) -> String {
    match verdict {
        Verdict::Complete => format!("The record is complete; its sha256 is {head}."),
        Verdict::Unfinished => "The run has not ended: it is still running, or it was killed.".to_owned(),
        Verdict::Torn => "The last line is cut off: the run was killed while writing it.".to_owned(),
        Verdict::Broken { line, reason } => format!("The record was changed: line {line}: {reason}."),
    }
}

/// Describes the plan file of a run, and the run that it resumes or undoes.
fn origin(record: &Json) -> String {
    let plan = record["plan"].as_str().map(|sha256| format!(", of the plan {sha256}"));
    let other = |name: &str, what: &str| Some(format!(", {what} {}", record[name]["run"].as_str()?));
    let run = other("resumes", "resuming").or_else(|| other("undoes", "undoing"));
    plan.into_iter().chain(run).collect()
}

/// Describes the environment of a run.
fn world(record: &Json) -> String {
    let setting: Setting = serde_json::from_value(record["setting"].clone()).unwrap_or_default();
    if setting.is_empty() { "an unrecorded environment".to_owned() } else { setting.to_string() }
}

/// Returns the time of day of a record.
fn time(record: &Json) -> &str {
    let at = string(record, "at");
    at.split_once('T').map_or(at, |(_, time)| time)
}

fn line(record: &Json) -> Option<String> {
    let step = string(record, "step");
    let took = record["milliseconds"].as_u64().unwrap_or(0);
    Some(match string(record, "event") {
        "run_started" => format!(
            "run {} of {} by arcbook {}, as {}, on {}{}",
            string(record, "run"),
            string(record, "runbook"),
            string(record, "arcbook"),
            string(record, "identity"),
            world(record),
            origin(record),
        ),
        "token_acquired" => format!("token for {} after {took} ms", string(record, "audience")),
        "token_failed" => format!("token for {} failed: {}", string(record, "audience"), error(record)),
        "step_started" => format!("{step} {}", doing(string(record, "effect"))),
        "change_intended" => format!("{step} is about to change"),
        "step_recalled" => format!("{step} was {} by {}", change(record), string(record, "run")),
        "request_sent" => format!("{step} {} {}", string(record, "method"), string(record, "url")),
        "request_answered" => match record["request_id"].as_str() {
            Some(id) => format!("{step} answered {} (request id {id})", record["status"]),
            None => format!("{step} answered {}", record["status"]),
        },
        "request_retried" | "step_retried" => {
            format!("{step} again, attempt {}: {}", record["attempt"], string(record, "reason"))
        }
        "step_finished" => format!("{step} {} after {took} ms", change(record)),
        "step_failed" if record["uncertain"] == true => {
            format!("{step} failed, the change is unconfirmed: {}", error(record))
        }
        "step_failed" if record["tolerated"] == true => {
            format!("{step} failed, the run continues: {}", error(record))
        }
        "step_failed" => format!("{step} failed: {}", error(record)),
        "step_skipped" if record["cause"] == "left_out" => {
            format!("{step} left out: {}", string(record, "because"))
        }
        "step_skipped" => format!("{step} not run: {}", string(record, "because")),
        "output" if record["sensitive"] == true => format!("output {} is sensitive", string(record, "name")),
        "output" => format!("output {} = {}", string(record, "name"), record["value"]),
        "value_failed" => format!("{} failed: {}", string(record, "address"), error(record)),
        "check_failed" => format!("{} failed: {}", string(record, "check"), error(record)),
        "interrupted" => "the user asked to stop".to_owned(),
        "deadline_passed" => "the time limit of the run was reached".to_owned(),
        "run_finished" => format!(
            "{}: {} done ({} changed), {} failed, {} not run, {took} ms",
            string(record, "status"),
            record["done"],
            record["changed"],
            record["failed"],
            record["skipped"],
        ),
        _ => return None,
    })
}

fn change(record: &Json) -> &str {
    match string(record, "change") {
        "none" => "done",
        change => change,
    }
}

fn string<'a>(record: &'a Json, name: &str) -> &'a str {
    record[name].as_str().unwrap_or_default()
}

fn error(record: &Json) -> String {
    in_one_line(&record["error"]).unwrap_or_else(|| "unknown".to_owned())
}
