//! Lists the requests of a run.

use std::collections::HashMap;

use crate::journal::{Journal, RunRecord};
use crate::layout::{Page, under};
use crate::run::Event;
use crate::step::Follow;

/// A request of a run, and its answer.
struct Request<'a> {
    step: &'a str,
    method: &'a str,
    url: &'a str,
    /// The status and the service's id of the request.
    answer: Option<(u16, Option<&'a str>)>,
}

/// Writes the requests in order, with their answers and pages.
pub fn write(page: &mut Page, journal: &Journal) {
    let requests = requests(journal);
    page.gap();
    page.heading("Requests", "");
    let run = RunRecord::of(journal);
    let is_paged = |step: &str| {
        let started = run.steps.get(step).and_then(|step| step.started);
        started.is_some_and(|started| started.actions.iter().any(|action| action.follow == Follow::Pages))
    };
    let digits = requests.len().to_string().len();
    let mut pages: HashMap<&str, usize> = HashMap::new();
    for (at, request) in requests.iter().enumerate() {
        let Request { step, method, url, answer } = request;
        let number = pages.entry(step).or_default();
        *number += 1;
        let number = if is_paged(step) && *number > 1 { format!(" (page {number})") } else { String::new() };
        page.entry(2, (&(at + 1).to_string(), digits), format_args!("{method} {url}{number}"));
        let answer = match answer {
            None => "no answer is recorded".to_owned(),
            Some((status, None)) => format!("answered {status}"),
            Some((status, Some(id))) => format!("answered {status} (request id {id})"),
        };
        page.line(under(digits), format_args!("{step}: {answer}"));
    }
    if requests.is_empty() {
        page.line(2, "none");
    }
}

/// Returns the requests, without those that the Arc agent answers with the challenge for a token.
fn requests(journal: &Journal) -> Vec<Request<'_>> {
    let mut all: Vec<Request<'_>> = Vec::new();
    let mut open: HashMap<&str, usize> = HashMap::new();
    for record in journal.records() {
        match &record.event {
            Event::RequestSent { step, method, url } => {
                open.insert(step, all.len());
                all.push(Request { step, method, url, answer: None });
            }
            Event::RequestAnswered { step, status, request_id } => {
                if let Some(at) = open.remove(step.as_str()) {
                    all[at].answer = Some((*status, request_id.as_deref()));
                }
            }
            _ => {}
        }
    }
    let is_challenge = |at: usize, request: &Request<'_>| {
        let refused = matches!(request.answer, Some((401, _)));
        // The second request to the same URL has the answer to the challenge.
        refused && all[at + 1..].iter().any(|next| next.step == request.step && next.url == request.url)
    };
    let kept: Vec<bool> = all.iter().enumerate().map(|(at, request)| !is_challenge(at, request)).collect();
    all.into_iter().zip(kept).filter_map(|(request, keep)| keep.then_some(request)).collect()
}
