//! Tracks a step or token that has begun and not ended.

use serde_json::Value as Json;

use super::span::{Kind, Span};

/// A span with its open children.
///
/// The first attempt becomes a span only when a second one is announced; until then its requests are kept
/// without a parent.
pub struct Work {
    pub span: Span,
    attempt: Attempt,
    request: Option<Span>,
    /// The finished requests of this attempt.
    requests: Vec<Span>,
    /// The number of times that the next request was sent before.
    resent: u64,
    /// True if the last response is a failure, unless the work continues or succeeds.
    is_refused: bool,
}

struct Attempt {
    number: u64,
    began: u64,
}

impl Work {
    pub fn new(span: Span) -> Self {
        let attempt = Attempt { number: 1, began: span.began };
        Self { span, attempt, request: None, requests: Vec::new(), resent: 0, is_refused: false }
    }

    pub fn sent(&mut self, id: u64, record: &Json, now: u64) {
        self.close_request(now, "it was not answered");
        self.forgive();
        let text = |name: &str| record[name].as_str().unwrap_or_default();
        let name = format!("{} {}", text("method"), text("url"));
        let mut request = Span::new(id, None, Kind::Request, name, now);
        request.note(record, &["method", "url"]);
        if self.resent > 0 {
            request.facts.push(("resent", self.resent.into()));
        }
        self.request = Some(request);
    }

    pub fn answered(&mut self, record: &Json, now: u64) {
        let Some(mut request) = self.request.take() else { return };
        request.note(record, &["status", "request_id"]);
        let status = record["status"].as_u64().unwrap_or(0);
        self.is_refused = status >= 400;
        request.failure = self.is_refused.then(|| format!("it was answered {status}"));
        request.ended = now;
        self.requests.push(request);
        self.resent = 0;
    }

    /// Records that a request is resent after a pause.
    pub fn resend(&mut self, record: &Json, now: u64) {
        self.close_request(now, record["reason"].as_str().unwrap_or_default());
        self.is_refused = false;
        self.resent = record["attempt"].as_u64().unwrap_or(1).saturating_sub(1);
    }

    /// Ends an attempt that another one follows after a pause; returns the finished spans.
    pub fn again(&mut self, id: u64, record: &Json, now: u64) -> Vec<Span> {
        let reason = record["reason"].as_str().unwrap_or_default();
        self.close_request(now, reason);
        let mut attempt = self.attempt(id, now);
        attempt.facts.push(("reason", reason.into()));
        attempt.failure = (record["failed"] == true).then(|| reason.to_owned());
        self.settle(attempt.failure.as_ref());
        let over = self.hand_over(attempt);
        let number = record["attempt"].as_u64().unwrap_or(self.attempt.number + 1);
        let pause = record["after_milliseconds"].as_u64().unwrap_or(0).saturating_mul(1_000);
        self.attempt = Attempt { number, began: now.saturating_add(pause) };
        self.resent = 0;
        over
    }

    /// Ends the work; returns the finished spans, itself last. `id` is for the last attempt, if there were
    /// several.
    pub fn end(mut self, id: u64, record: &Json, now: u64) -> Vec<Span> {
        let failure = record["error"]["summary"].as_str().map(str::to_owned);
        self.close_request(now, "it was not answered");
        self.settle(failure.as_ref());
        let number = self.attempt.number;
        let mut over = Vec::new();
        if number > 1 && self.attempt.began <= now {
            let mut attempt = self.attempt(id, now);
            attempt.failure.clone_from(&failure);
            over = self.hand_over(attempt);
        }
        let parent = Some(self.span.id);
        over.extend(self.requests.drain(..).map(|request| Span { parent, ..request }));
        self.span.note(record, &["change", "uncertain", "tolerated", "identity"]);
        if number > 1 {
            self.span.facts.push(("attempts", number.into()));
        }
        self.span.failure = failure;
        self.span.ended = now;
        over.push(self.span);
        over
    }

    fn attempt(&self, id: u64, now: u64) -> Span {
        let Attempt { number, began } = self.attempt;
        let mut span =
            Span::new(id, Some(self.span.id), Kind::Attempt, format!("attempt {number}"), began.min(now));
        span.ended = now;
        span.facts.push(("attempt", number.into()));
        span
    }

    /// Returns an attempt after the requests that it made.
    fn hand_over(&mut self, mut attempt: Span) -> Vec<Span> {
        // It may begin slightly before the end of its pause, which is rounded to milliseconds.
        let first = self.requests.iter().map(|request| request.began).min();
        attempt.began = first.unwrap_or(attempt.began).min(attempt.began);
        let parent = Some(attempt.id);
        let requests = self.requests.drain(..).map(|request| Span { parent, ..request });
        let mut over: Vec<Span> = requests.collect();
        over.push(attempt);
        over
    }

    /// Settles the last response: it stays a failure only if the work ends with `failure`.
    fn settle(&mut self, failure: Option<&String>) {
        if failure.is_none() {
            self.forgive();
        }
        self.is_refused = false;
    }

    /// Clears the failure of the last response, which was part of the protocol, such as an agent's challenge
    /// or a resource that does not exist yet.
    fn forgive(&mut self) {
        if std::mem::take(&mut self.is_refused)
            && let Some(request) = self.requests.last_mut()
        {
            request.failure = None;
        }
    }

    fn close_request(&mut self, now: u64, why: &str) {
        if let Some(mut request) = self.request.take() {
            request.failure = Some(why.to_owned());
            request.ended = now;
            self.requests.push(request);
        }
    }
}
