//! Tracks a step or token that has begun and not ended.

use super::span::{Kind, Span};
use crate::step::Change;

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

/// The end of a step or token.
#[derive(Clone, Copy, Default)]
pub struct Ended<'a> {
    /// The change that the step made.
    pub change: Option<Change>,
    /// The summary of the error, if it failed.
    pub failure: Option<&'a str>,
    /// For a failed step: true if its change is uncertain, and true if the failure is tolerated.
    pub uncertainty: Option<(bool, bool)>,
    /// The identity of the token.
    pub identity: Option<&'a str>,
}

impl Work {
    pub fn new(span: Span) -> Self {
        let attempt = Attempt { number: 1, began: span.began };
        Self { span, attempt, request: None, requests: Vec::new(), resent: 0, is_refused: false }
    }

    pub fn sent(&mut self, id: u64, method: &str, url: &str, now: u64) {
        self.close_request(now, "it was not answered");
        self.forgive();
        let mut request = Span::new(id, None, Kind::Request, format!("{method} {url}"), now);
        request.note("method", method);
        request.note("url", url);
        if self.resent > 0 {
            request.note("resent", self.resent);
        }
        self.request = Some(request);
    }

    pub fn answered(&mut self, status: u16, request_id: Option<&str>, now: u64) {
        let Some(mut request) = self.request.take() else { return };
        request.note("status", status);
        if let Some(id) = request_id {
            request.note("request_id", id);
        }
        self.is_refused = status >= 400;
        request.failure = self.is_refused.then(|| format!("it was answered {status}"));
        request.ended = now;
        self.requests.push(request);
        self.resent = 0;
    }

    /// Records that a request is resent after a pause.
    pub fn resend(&mut self, attempt: u32, reason: &str, now: u64) {
        self.close_request(now, reason);
        self.is_refused = false;
        self.resent = u64::from(attempt).saturating_sub(1);
    }

    /// Ends an attempt, which `failed` or is repeated for a reason, and begins the next one with its number,
    /// after a pause in milliseconds; returns the finished spans.
    pub fn again(
        &mut self,
        id: u64,
        (number, pause): (u64, u64),
        (failed, reason): (bool, &str),
        now: u64,
    ) -> Vec<Span> {
        self.close_request(now, reason);
        let mut attempt = self.attempt(id, now);
        attempt.note("reason", reason);
        attempt.failure = failed.then(|| reason.to_owned());
        self.settle(attempt.failure.as_ref());
        let over = self.hand_over(attempt);
        let began = now.saturating_add(pause.saturating_mul(1_000));
        self.attempt = Attempt { number, began };
        self.resent = 0;
        over
    }

    /// Ends the work; returns the finished spans, itself last. `id` is for the last attempt, if there were
    /// several.
    pub fn end(mut self, id: u64, ended: Ended<'_>, now: u64) -> Vec<Span> {
        let failure = ended.failure.map(str::to_owned);
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
        self.note(ended);
        if number > 1 {
            self.span.note("attempts", number);
        }
        self.span.failure = failure;
        self.span.ended = now;
        over.push(self.span);
        over
    }

    /// Adds the facts about the end.
    fn note(&mut self, ended: Ended<'_>) {
        if let Some(change) = ended.change {
            self.span.note("change", change.as_str());
        }
        if let Some((uncertain, tolerated)) = ended.uncertainty {
            self.span.note("uncertain", uncertain);
            self.span.note("tolerated", tolerated);
        }
        if let Some(identity) = ended.identity {
            self.span.note("identity", identity);
        }
    }

    fn attempt(&self, id: u64, now: u64) -> Span {
        let Attempt { number, began } = self.attempt;
        let mut span =
            Span::new(id, Some(self.span.id), Kind::Attempt, format!("attempt {number}"), began.min(now));
        span.ended = now;
        span.note("attempt", number);
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
