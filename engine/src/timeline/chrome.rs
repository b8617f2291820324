//! Writes a trace for Perfetto and Chrome, in the Trace Event Format.
//!
//! Spans of one track must nest, so concurrent steps are laid out in lanes; a step stays in one lane with its
//! attempts and requests.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use serde_json::{Map, Value as Json, json};

use super::{Kind, Mark, Span};

/// Converts the spans of a run to trace events, in the order of their starts.
///
/// The run is track 0, followed by the lanes. An arrow leads to each step and token from the last one that it
/// waited for; a wait for a place is a span of its own, beside the lanes.
#[must_use]
pub fn chrome(spans: &[Span]) -> Vec<Json> {
    let mut ordered: Vec<&Span> = spans.iter().collect();
    ordered.sort_by_key(|span| (span.began, Reverse(span.ended), depth(span.kind), span.id));
    let lanes = Lanes::of(&ordered);
    let ends: HashMap<u64, &Span> = ordered.iter().map(|span| (span.id, *span)).collect();
    let mut events =
        vec![metadata("process_name", 0, &"arcbook".into()), metadata("thread_name", 0, &"run".into())];
    for lane in 1..=lanes.count {
        events.push(metadata("thread_name", lane, &format!("lane {lane}").into()));
        events.push(metadata("thread_sort_index", lane, &lane.into()));
    }
    for span in ordered {
        let lane = lanes.lane(span);
        events.extend(queued(span));
        events.push(slice(span, lane));
        events.extend(span.marks.iter().map(instant));
        if let Some(from) = span.after.and_then(|after| ends.get(&after)) {
            events.extend(arrow(from, lanes.lane(from), span, lane));
        }
    }
    events
}

/// Returns the nesting depth of spans of that kind.
fn depth(kind: Kind) -> u8 {
    match kind {
        Kind::Run => 0,
        Kind::Token | Kind::Step => 1,
        Kind::Attempt => 2,
        Kind::Request => 3,
    }
}

/// The lanes of spans by span ID.
struct Lanes {
    lanes: HashMap<u64, usize>,
    count: usize,
}

impl Lanes {
    /// Assigns lanes to spans, which must be in the order of their starts.
    fn of(ordered: &[&Span]) -> Self {
        let mut free = BinaryHeap::new();
        let mut busy: BinaryHeap<Reverse<(u64, usize)>> = BinaryHeap::new();
        let mut lanes = Self { lanes: HashMap::new(), count: 0 };
        for span in ordered.iter().filter(|span| depth(span.kind) == 1) {
            while let Some(&Reverse((ended, lane))) = busy.peek()
                && ended <= span.began
            {
                busy.pop();
                free.push(Reverse(lane));
            }
            let lane = free.pop().map_or_else(
                || {
                    lanes.count += 1;
                    lanes.count
                },
                |Reverse(lane)| lane,
            );
            busy.push(Reverse((span.ended, lane)));
            lanes.lanes.insert(span.id, lane);
        }
        // Attempts come before the requests in them.
        for kind in [Kind::Attempt, Kind::Request] {
            for span in ordered.iter().filter(|span| span.kind == kind) {
                let lane = span.parent.and_then(|parent| lanes.lanes.get(&parent)).copied().unwrap_or(0);
                lanes.lanes.insert(span.id, lane);
            }
        }
        lanes
    }

    fn lane(&self, span: &Span) -> usize {
        self.lanes.get(&span.id).copied().unwrap_or(0)
    }
}

fn metadata(what: &str, lane: usize, value: &Json) -> Json {
    let member = if what == "thread_sort_index" { "sort_index" } else { "name" };
    json!({ "name": what, "ph": "M", "pid": 1, "tid": lane, "args": { member: value } })
}

fn slice(span: &Span, lane: usize) -> Json {
    let mut facts: Map<String, Json> = Map::new();
    for (name, fact) in &span.facts {
        facts.insert((*name).to_owned(), fact.clone());
    }
    if let Some(failure) = &span.failure {
        facts.insert("failure".to_owned(), failure.as_str().into());
    }
    json!({
        "name": span.name,
        "cat": span.kind.as_str(),
        "ph": "X",
        "ts": span.began,
        "dur": span.ended.saturating_sub(span.began),
        "pid": 1,
        "tid": lane,
        "args": facts,
    })
}

fn instant(mark: &Mark) -> Json {
    json!({
        "name": mark.event,
        "cat": "run",
        "ph": "i",
        "s": "p",
        "ts": mark.at,
        "pid": 1,
        "tid": 0,
        "args": { "about": mark.text },
    })
}

/// Returns the events for the time that a span waited for a place.
fn queued(span: &Span) -> Vec<Json> {
    let queued = span.fact("queued_microseconds").and_then(Json::as_u64).unwrap_or(0);
    if queued == 0 {
        return Vec::new();
    }
    let event = |phase: &str, at: u64| {
        json!({
            "name": span.name,
            "cat": "waits for a place",
            "ph": phase,
            "id": span.id,
            "ts": at,
            "pid": 1,
            "tid": 0,
        })
    };
    vec![event("b", span.began.saturating_sub(queued)), event("e", span.began)]
}

/// Returns an arrow from the end of a span to the start of another; none from a span without duration, which
/// arrows cannot attach to.
fn arrow(from: &Span, lane: usize, to: &Span, other: usize) -> Vec<Json> {
    if from.ended == from.began {
        return Vec::new();
    }
    let event = |phase: &str, at: u64, lane: usize| json!({ "name": "then", "cat": "after", "ph": phase, "id": to.id, "ts": at, "pid": 1, "tid": lane });
    let mut end = event("f", to.began, other);
    end["bp"] = "e".into();
    vec![event("s", from.ended - 1, lane), end]
}
