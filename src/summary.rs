//! The summary of a run: the last line of `run -summary`, as `docs/summary.md` describes it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use arcbook_engine::diagnostic::{Diagnostic, Diagnostics, Severity, visible_json};
use arcbook_engine::graph::Acting;
use arcbook_engine::journal::Digest;
use arcbook_engine::redact::{Redact, Secrets};
use arcbook_engine::run::{Event, Observer, Record, Report};
use serde::Serialize;

use crate::exit::Exit;

/// The version of the schema.
const FORMAT: u32 = 1;

/// The maximum length of the line with its line feed, in bytes.
pub const LONGEST: usize = 1024;

/// The bytes of JSON that a message keeps while another text can be cut.
const KEPT: usize = 200;

/// The mark of a cut text.
const CUT: &str = "…";

/// The facts of a run, collected until it ends; clones share them.
#[derive(Clone)]
pub struct Collector {
    facts: Arc<Mutex<Facts>>,
    began: Instant,
}

/// The members of the line.
#[derive(Clone, Default, Serialize, Redact)]
struct Facts {
    format: u32,
    status: &'static str,
    exit: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[redact(word)]
    run: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[redact(word)]
    sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    runbook: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    machine: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    principal: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    steps: Option<Steps>,
    #[serde(skip_serializing_if = "is_zero")]
    checks_failed: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<Failure>,
    #[serde(skip_serializing_if = "Option::is_none")]
    undo: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    records: Option<Records>,
    milliseconds: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// The numbers of steps by result.
#[derive(Clone, Serialize, Redact)]
struct Steps {
    total: usize,
    done: usize,
    changed: usize,
    recalled: usize,
    failed: usize,
    tolerated: usize,
    skipped: usize,
    left_out: usize,
}

/// The numbers of records by the result of their upload.
#[derive(Clone, Serialize, Redact)]
struct Records {
    shipped: usize,
    left: usize,
}

/// The first error.
#[derive(Clone, Serialize, Redact)]
struct Failure {
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    message: String,
}

impl Collector {
    /// Begins to collect.
    pub fn begin(host: Option<String>) -> Self {
        let facts = Facts { format: FORMAT, host, ..Facts::default() };
        Self { facts: Arc::new(Mutex::new(facts)), began: Instant::now() }
    }

    /// Takes the first error of `diagnostics`, unless there was one before.
    pub fn failed(&self, diagnostics: &Diagnostics) {
        let Some(first) = diagnostics.iter().find(|one| one.severity == Severity::Error) else { return };
        self.tell(|facts| {
            facts.failure.get_or_insert_with(|| Failure::of(first));
        });
    }

    /// Takes the runbook.
    pub fn reads(&self, runbook: &str) {
        self.tell(|facts| facts.runbook = Some(runbook.to_owned()));
    }

    /// Takes the name of the run that begins.
    pub fn begins(&self, run: &str) {
        self.tell(|facts| facts.run = Some(run.to_owned()));
    }

    /// Takes the digest of the closed record.
    pub fn recorded(&self, digest: Option<Digest>) {
        self.tell(|facts| facts.sha256 = digest.map(|digest| digest.to_string()));
    }

    /// Takes the numbers of steps.
    pub fn ended(&self, report: &Report) {
        let summary = report.summary;
        let is_check = |one: &&Diagnostic| one.code == "failed-check";
        self.tell(|facts| {
            facts.checks_failed = report.diagnostics.iter().filter(is_check).count();
            facts.steps = Some(Steps {
                total: report.steps,
                done: summary.done,
                changed: summary.changed,
                recalled: summary.recalled,
                failed: summary.failed,
                tolerated: summary.tolerated,
                skipped: summary.skipped,
                left_out: summary.left_out,
            });
        });
    }

    /// Takes the result of the undo after a failure.
    pub fn undone(&self, exit: Exit) {
        let word = match exit {
            Exit::Done => "done",
            Exit::Interrupted => "interrupted",
            Exit::Failed | Exit::Pending | Exit::Wrong => "failed",
        };
        self.tell(|facts| facts.undo = Some(word));
    }

    /// Takes the numbers of records that were uploaded, and of those that were not.
    pub fn shipped(&self, shipped: usize, left: usize) {
        self.tell(|facts| facts.records = Some(Records { shipped, left }));
    }

    /// Returns the line, without secrets and without a line feed.
    pub fn line(&self, exit: Exit, secrets: &Secrets) -> String {
        let mut facts = self.facts.lock().unwrap_or_else(PoisonError::into_inner).clone();
        facts.status = match exit {
            Exit::Done => "done",
            Exit::Interrupted => "interrupted",
            _ if facts.run.is_none() => "refused",
            Exit::Failed | Exit::Pending | Exit::Wrong => "failed",
        };
        facts.exit = exit.code().unsigned_abs();
        facts.milliseconds = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        // It is redacted before it is cut, because a truncated secret would not be recognized.
        facts.redact(secrets);
        facts.shortened()
    }

    fn tell(&self, change: impl FnOnce(&mut Facts)) {
        change(&mut self.facts.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Observer for Collector {
    fn observe(&mut self, record: &Arc<Record>) {
        // The run may act as other identities too.
        if let Event::TokenAcquired { principal, acts_as, .. } = &record.event
            && acts_as.as_deref() == Some(Acting::MACHINE)
        {
            let named = |name| principal.get(name).map(ToOwned::to_owned);
            self.tell(|facts| {
                facts.principal = named("object_id").or_else(|| facts.principal.take());
                facts.machine = named("machine").or_else(|| facts.machine.take());
            });
        }
    }
}

impl Failure {
    fn of(diagnostic: &Diagnostic) -> Self {
        Self { code: diagnostic.code, address: diagnostic.address.clone(), message: diagnostic.in_one_line() }
    }
}

impl Facts {
    /// Returns the line, with as much of the texts as it has room for: the message is cut first.
    fn shortened(mut self) -> String {
        loop {
            let line = written(&Line { summary: &self });
            // The line feed counts.
            let excess = (line.len() + 1).saturating_sub(LONGEST);
            match self.longest() {
                Some((text, kept)) if excess > 0 => cut(text, excess, kept),
                _ => return line,
            }
        }
    }

    /// Returns the text to be cut next, and how many bytes of it to keep.
    fn longest(&mut self) -> Option<(&mut String, usize)> {
        let Self { run: _, sha256: _, runbook, host, machine, principal, failure, .. } = self;
        let (message, address) = failure.as_mut().map(|one| (&mut one.message, &mut one.address)).unzip();
        let names = [runbook, host, machine, principal].into_iter().chain(address);
        let names = names.flatten().map(|text| (text, 0));
        let message = message.map(|text| {
            let kept = if written(&*text).len() > KEPT { KEPT } else { 0 };
            (text, kept)
        });
        let length = |(text, kept): &(&mut String, usize)| (*kept, written(&**text).len());
        names.chain(message).max_by_key(length)
    }
}

#[derive(Serialize)]
struct Line<'a> {
    summary: &'a Facts,
}

/// Returns the JSON of `data` on one line.
fn written(data: &impl Serialize) -> String {
    // Numbers and texts are always JSON.
    visible_json(&serde_json::to_string(data).unwrap_or_default()).into_owned()
}

/// Removes characters from the end of `text` until its JSON is `bytes` shorter, or no longer than `kept`, and
/// marks the cut.
fn cut(text: &mut String, bytes: usize, kept: usize) {
    let bytes = bytes + CUT.len();
    let mut length = written(text).len();
    let mut removed = 0;
    while removed < bytes
        && length + CUT.len() > kept
        && let Some(last) = text.pop()
    {
        // The quotes of the text do not count.
        let of_last = written(&last).len() - 2;
        length -= of_last;
        removed += of_last;
    }
    text.push_str(CUT);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(message: &str, name: &str) -> String {
        let collector = Collector::begin(Some(name.to_owned()));
        collector.reads(name);
        collector.begins("20261126-101112.123-5f3a9c");
        collector.failed(&Diagnostic::error("refused", message).about(name).into());
        collector.line(Exit::Failed, &Secrets::new())
    }

    #[test]
    fn every_length_fits_and_uses_the_room() {
        for unit in ["x", "é", "日", "🦀", "\"", "\u{202e}", "\u{1b}"] {
            for (message, name) in [(0, 0), (1, 1), (190, 210), (210, 190), (600, 10), (10, 600), (900, 900)]
            {
                let (message, name) = (unit.repeat(message), unit.repeat(name));
                let line = line(&message, &name);
                assert!(line.len() < LONGEST, "{} bytes: {line}", line.len());
                let read: serde_json::Value = serde_json::from_str(&line).expect("JSON");
                assert_eq!(read["summary"]["run"], "20261126-101112.123-5f3a9c");
                let is_whole = read["summary"]["failure"]["message"] == *message;
                let is_cut = line.contains(CUT);
                assert!(is_whole || is_cut, "{line}");
                assert!(!is_cut || line.len() > LONGEST - 24, "{} bytes: {line}", line.len());
            }
        }
    }

    #[test]
    fn the_message_is_cut_before_the_names() {
        let (message, name) = ("m".repeat(2000), "n".repeat(150));
        let line = line(&message, &name);
        assert_eq!(line.matches(&name).count(), 3, "{line}");
        assert_eq!(line.matches(CUT).count(), 1, "{line}");
    }
}
