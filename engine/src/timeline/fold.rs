//! Folds events into spans.

use std::collections::HashMap;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::span::{Kind, Mark, Span};
use super::work::{Ended, Work};
use crate::diagnostic::json::JsonDiagnostic;
use crate::run::{Event, Record, RunFinished, RunStarted, Status};

/// A fold over the events of a run in order that returns each span when it ends.
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
    pub fn take(&mut self, record: &Record) -> Vec<Span> {
        self.tell_time(record);
        match &record.event {
            Event::RunStarted(started) => self.begin_run(started),
            Event::TokenRequested { .. } | Event::StepStarted { .. } => self.begin(&record.event),
            Event::RunFinished(finished) => return self.finish(finished),
            Event::TokenAcquired { identity, .. } => {
                let ended = Ended { identity: Some(identity), ..Ended::default() };
                return self.end(&token(&record.event), ended);
            }
            Event::TokenFailed { error, .. } => {
                let ended = Ended { failure: Some(&error.summary), ..Ended::default() };
                return self.end(&token(&record.event), ended);
            }
            Event::ValueFailed { address, error } => self.mark(&record.event, Some((address, error))),
            Event::CheckFailed { check, error } => self.mark(&record.event, Some((check, error))),
            Event::Interrupted { .. } | Event::DeadlinePassed { .. } => self.mark(&record.event, None),
            of_step => return self.take_step(of_step),
        }
        Vec::new()
    }

    /// Reads an event of a step that has begun.
    fn take_step(&mut self, event: &Event) -> Vec<Span> {
        let now = self.now;
        match event {
            Event::RequestSent { step, method, url } => {
                let id = self.next();
                self.within(step, |work| work.sent(id, method, url, now));
            }
            Event::RequestAnswered { step, status, request_id } => {
                self.within(step, |work| work.answered(*status, request_id.as_deref(), now));
            }
            Event::RequestRetried { step, attempt, reason, .. } => {
                self.within(step, |work| work.resend(*attempt, reason, now));
            }
            Event::StepRetried { step, attempt, failed, after_milliseconds, reason, .. } => {
                let id = self.next();
                let next = (u64::from(*attempt), *after_milliseconds);
                let work = self.open.get_mut(step);
                return work.map_or_else(Vec::new, |work| work.again(id, next, (*failed, reason), now));
            }
            Event::StepFinished { step, change, .. } | Event::StepRecalled { step, change, .. } => {
                return self.end(step, Ended { change: Some(*change), ..Ended::default() });
            }
            Event::StepFailed { step, error, uncertain, change, tolerated, .. } => {
                let (failure, uncertainty) = (Some(error.summary.as_str()), Some((*uncertain, *tolerated)));
                return self.end(step, Ended { change: *change, failure, uncertainty, identity: None });
            }
            _ => {}
        }
        Vec::new()
    }

    /// Ends all open spans, for a journal without an end: the run was killed, or still runs.
    pub fn close(&mut self) -> Vec<Span> {
        let mut over = self.end_open();
        over.extend(self.end_run(Some("the record ends here".to_owned())));
        over
    }

    fn tell_time(&mut self, record: &Record) {
        if self.run.is_none() {
            let at = OffsetDateTime::parse(&record.at, &Rfc3339).ok();
            let at = at.and_then(|at| u64::try_from(at.unix_timestamp_nanos() / 1_000).ok());
            self.wall = at.unwrap_or(0).saturating_sub(record.elapsed_microseconds);
        }
        self.now = record.elapsed_microseconds.max(self.now);
    }

    fn next(&mut self) -> u64 {
        self.count += 1;
        self.count
    }

    fn begin_run(&mut self, started: &RunStarted) {
        let RunStarted { run, runbook, directory, versions, identity, .. } = started;
        let mut span = Span::new(0, None, Kind::Run, runbook.clone(), self.now);
        let facts = [
            ("run", Some(run)),
            ("runbook", Some(runbook)),
            ("directory", Some(directory)),
            ("arcbook", Some(&versions.arcbook)),
            ("identity", identity.as_ref()),
        ];
        for (name, fact) in facts {
            if let Some(fact) = fact {
                span.note(name, fact.as_str());
            }
        }
        self.run = Some(span);
    }

    /// Begins the span of a token or a step.
    fn begin(&mut self, event: &Event) {
        let (id, now) = (self.next(), self.now);
        let (mut span, queued, queued_for) = match event {
            Event::TokenRequested { audience, queued_microseconds, .. } => {
                let mut span = Span::new(id, Some(0), Kind::Token, token(event), now);
                span.note("audience", audience.as_str());
                (span, *queued_microseconds, None)
            }
            Event::StepStarted {
                step, step_type, effect, after, queued_microseconds, queued_for, ..
            } => {
                let mut span = Span::new(id, Some(0), Kind::Step, step.clone(), now);
                span.after = after.as_ref().and_then(|after| self.over.get(after)).copied();
                span.note("type", step_type.as_str());
                span.note("effect", effect.as_str());
                (span, *queued_microseconds, queued_for.as_ref())
            }
            _ => return,
        };
        if queued > 0 {
            span.note("queued_microseconds", queued);
        }
        if let Some(limit) = queued_for {
            span.note("queued_for", limit.as_str());
        }
        self.open.insert(span.name.clone(), Work::new(span));
    }

    fn within(&mut self, step: &str, then: impl FnOnce(&mut Work)) {
        if let Some(work) = self.open.get_mut(step) {
            then(work);
        }
    }

    fn end(&mut self, address: &str, ended: Ended<'_>) -> Vec<Span> {
        // A step that never started, because of invalid arguments, has no duration.
        let Some(work) = self.open.remove(address) else { return Vec::new() };
        self.over.insert(address.to_owned(), work.span.id);
        let id = self.next();
        work.end(id, ended, self.now)
    }

    /// Adds an event without duration to the run, with its subject and its error.
    fn mark(&mut self, event: &Event, about: Option<(&String, &JsonDiagnostic)>) {
        let text = about.map(|(subject, error)| format!("{subject}: {}", error.summary)).unwrap_or_default();
        let mark = Mark { at: self.now, event: event.name().to_owned(), text };
        if let Some(run) = &mut self.run {
            run.marks.push(mark);
        }
    }

    fn finish(&mut self, finished: &RunFinished) -> Vec<Span> {
        let mut over = self.end_open();
        if let Some(run) = &mut self.run {
            run.note("status", finished.status.as_str());
            let counts = [
                ("done", finished.done),
                ("changed", finished.changed),
                ("recalled", finished.recalled),
                ("failed", finished.failed),
                ("tolerated", finished.tolerated),
                ("skipped", finished.skipped),
                ("left_out", finished.left_out),
            ];
            for (name, count) in counts {
                run.note(name, count);
            }
        }
        let failure = match finished.status {
            Status::Done => None,
            Status::Failed => Some("the run failed"),
            Status::Interrupted => Some("the run was interrupted"),
        };
        over.extend(self.end_run(failure.map(str::to_owned)));
        over
    }

    /// Ends the spans of steps and tokens that the run did not end.
    fn end_open(&mut self) -> Vec<Span> {
        let mut open: Vec<(u64, String)> =
            self.open.iter().map(|(address, work)| (work.span.id, address.clone())).collect();
        open.sort_unstable();
        let cut = Ended { failure: Some("the run was over before it was"), ..Ended::default() };
        open.iter().flat_map(|(_, address)| self.end(address, cut)).collect()
    }

    fn end_run(&mut self, failure: Option<String>) -> Option<Span> {
        let run = self.run.take()?;
        Some(Span { failure, ended: self.now, ..run })
    }
}

/// Returns the address of a token, as the graph names it.
fn token(event: &Event) -> String {
    event.token().unwrap_or_default()
}
