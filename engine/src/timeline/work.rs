//! A step or token that has begun and not ended.

use serde_json::Value as Json;

use super::span::{Kind, Span};

/// A span with what is open in it.
///
/// Whether there is more than one attempt is known only when the second is announced; until then the requests of the
/// first wait for whom they belong to.
pub struct Work {
    pub span: Span,
    attempt: Attempt,
    request: Option<Span>,
    /// The requests of this attempt that are over.
    requests: Vec<Span>,
    /// How often the request that comes next was sent before.
    resent: u64,
    /// Whether the last answer is a failure unless the work goes on or ends well.
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

    /// A request is sent again after a pause.
    pub fn resend(&mut self, record: &Json, now: u64) {
        self.close_request(now, record["reason"].as_str().unwrap_or_default());
        self.is_refused = false;
        self.resent = record["attempt"].as_u64().unwrap_or(1).saturating_sub(1);
    }

    /// An attempt is over, and another one comes after a pause; gives the spans that are over.
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

    /// It is over; gives the spans that are, itself last. `id` is for the last attempt, when there were several.
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

    /// An attempt, after the requests that it made.
    fn hand_over(&mut self, mut attempt: Span) -> Vec<Span> {
        // It may have begun a little before its pause was over as it was told, in whole milliseconds.
        let first = self.requests.iter().map(|request| request.began).min();
        attempt.began = first.unwrap_or(attempt.began).min(attempt.began);
        let parent = Some(attempt.id);
        let requests = self.requests.drain(..).map(|request| Span { parent, ..request });
        let mut over: Vec<Span> = requests.collect();
        over.push(attempt);
        over
    }

    /// What was done ends with that failure, or well.
    fn settle(&mut self, failure: Option<&String>) {
        if failure.is_none() {
            self.forgive();
        }
        self.is_refused = false;
    }

    /// The last answer was a part of the protocol, such as the challenge of an agent or that something is not there yet:
    /// it was gone on from.
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
