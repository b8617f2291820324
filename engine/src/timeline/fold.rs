//! Folds events into spans.

use std::collections::HashMap;

use serde_json::Value as Json;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::span::{Kind, Mark, Span};
use super::work::Work;

/// A fold over the events of a run, as JSON and in order, that returns each span when it ends.
#[derive(Default)]
pub struct Timeline {
    /// The span of the run, once it has begun.
    run: Option<Span>,
    /// The start of the run, in microseconds since 1970.
    wall: u64,
    /// The time of the last event.
    now: u64,
    /// The number of spans begun.
    count: u64,
    open: HashMap<String, Work>,
    /// The span IDs of the steps and tokens that have ended.
    over: HashMap<String, u64>,
}

impl Timeline {
    /// Returns a timeline without events.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the start of the run, in microseconds since 1970.
    #[must_use]
    pub fn began_at(&self) -> u64 {
        self.wall
    }

    /// Reads an event; returns the spans that end with it, each after its children.
    pub fn take(&mut self, record: &Json) -> Vec<Span> {
        self.tell_time(record);
        let now = self.now;
        match text(record, "event") {
            "run_started" => self.begin_run(record),
            "token_requested" => self.begin(Kind::Token, record),
            "step_started" => self.begin(Kind::Step, record),
            "request_sent" => {
                let id = self.next();
                if let Some(work) = self.open.get_mut(text(record, "step")) {
                    work.sent(id, record, now);
                }
            }
            "request_answered" => self.within(record, |work| work.answered(record, now)),
            "request_retried" => self.within(record, |work| work.resend(record, now)),
            "step_retried" => {
                let id = self.next();
                let work = self.open.get_mut(text(record, "step"));
                return work.map_or_else(Vec::new, |work| work.again(id, record, now));
            }
            "step_finished" | "step_failed" | "step_recalled" | "token_acquired" | "token_failed" => {
                return self.end(&address(record), record);
            }
            "value_failed" => self.mark(record, "address"),
            "check_failed" => self.mark(record, "check"),
            "interrupted" | "deadline_passed" => self.mark(record, ""),
            "run_finished" => return self.finish(record),
            _ => {}
        }
        Vec::new()
    }

    /// Ends all open spans, for a journal without an end: the run was killed, or still runs.
    pub fn close(&mut self) -> Vec<Span> {
        let cut = serde_json::json!({ "error": { "summary": "the record ends here" } });
        self.finish(&cut)
    }

    /// Reads the time of an event; journals of earlier versions have only milliseconds.
    fn tell_time(&mut self, record: &Json) {
        let at = OffsetDateTime::parse(text(record, "at"), &Rfc3339).ok();
        let at = at.and_then(|at| u64::try_from(at.unix_timestamp_nanos() / 1_000).ok()).unwrap_or(self.wall);
        let elapsed = record["elapsed_microseconds"].as_u64();
        if self.run.is_none() {
            self.wall = at.saturating_sub(elapsed.unwrap_or(0));
        }
        self.now = elapsed.unwrap_or_else(|| at.saturating_sub(self.wall)).max(self.now);
    }

    fn next(&mut self) -> u64 {
        self.count += 1;
        self.count
    }

    fn begin_run(&mut self, record: &Json) {
        let mut run = Span::new(0, None, Kind::Run, text(record, "runbook").to_owned(), self.now);
        run.note(record, &["run", "runbook", "directory", "arcbook", "identity"]);
        self.run = Some(run);
    }

    fn begin(&mut self, kind: Kind, record: &Json) {
        let address = address(record);
        let mut span = Span::new(self.next(), Some(0), kind, address.clone(), self.now);
        span.after = self.over.get(text(record, "after")).copied();
        span.note(record, &["audience", "type", "effect", "queued_microseconds", "queued_for"]);
        self.open.insert(address, Work::new(span));
    }

    fn within(&mut self, record: &Json, then: impl FnOnce(&mut Work)) {
        if let Some(work) = self.open.get_mut(text(record, "step")) {
            then(work);
        }
    }

    fn end(&mut self, address: &str, record: &Json) -> Vec<Span> {
        // A step that never started, because of invalid arguments, has no duration.
        let Some(work) = self.open.remove(address) else { return Vec::new() };
        self.over.insert(address.to_owned(), work.span.id);
        let id = self.next();
        work.end(id, record, self.now)
    }

    fn mark(&mut self, record: &Json, about: &str) {
        let why = record["error"]["summary"].as_str();
        let parts = [record[about].as_str(), why].into_iter().flatten();
        let text = parts.collect::<Vec<_>>().join(": ");
        let mark = Mark { at: self.now, event: self::text(record, "event").to_owned(), text };
        if let Some(run) = &mut self.run {
            run.marks.push(mark);
        }
    }

    fn finish(&mut self, record: &Json) -> Vec<Span> {
        let mut open: Vec<(u64, String)> =
            self.open.iter().map(|(address, work)| (work.span.id, address.clone())).collect();
        open.sort_unstable();
        let cut = serde_json::json!({ "error": { "summary": "the run was over before it was" } });
        let mut over: Vec<Span> = open.iter().flat_map(|(_, address)| self.end(address, &cut)).collect();
        if let Some(mut run) = self.run.take() {
            let counts = ["done", "changed", "recalled", "failed", "tolerated", "skipped", "left_out"];
            run.note(record, &["status"]);
            run.note(record, &counts);
            let failed = record["status"].as_str().filter(|status| *status != "done");
            let failed = failed.map(|status| format!("the run was {status}"));
            run.failure = failed
                .map(|text| text.replace("was failed", "failed"))
                .or_else(|| record["error"]["summary"].as_str().map(str::to_owned));
            run.ended = self.now;
            over.push(run);
        }
        over
    }
}

/// Returns the address in a record: that of a step, or of a token as the graph names it.
fn address(record: &Json) -> String {
    match record["audience"].as_str() {
        Some(audience) => format!("token for {audience}"),
        None => text(record, "step").to_owned(),
    }
}

fn text<'a>(record: &'a Json, name: &str) -> &'a str {
    record[name].as_str().unwrap_or_default()
}
