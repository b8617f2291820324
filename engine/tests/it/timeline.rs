//! The spans of runs, and the traces made from them.

use std::collections::BTreeMap;
use std::sync::Arc;

use arcbook_engine::run::Record;
use arcbook_engine::timeline::{Kind, Span, Timeline, chrome};
use serde_json::Value as Json;

use crate::support::{Events, stage};

const RUNBOOK: &str = r#"
    step "read" "a" {
      host = "a.test"
      asks = true
    }
    step "read" "b" {
      value = step.read.a.value
      turns = [503, 503, "done"]
      takes = 2000
      retry {
        attempts = 3
        delay    = "1s"
        jitter   = 0
      }
    }
    step "read" "c" {
      count = 4
      value = step.read.a.value
      takes = 3000
    }
    step "read" "d" {
      fails      = true
      takes      = 500
      depends_on = [step.read.b, step.read.c]
    }
"#;

/// Runs a runbook with a parallelism of two and returns its events.
async fn events(text: &str) -> Events {
    let events = Events::default();
    stage(text).unwrap().run(2, &events).await;
    events
}

fn spans(events: &[Arc<Record>]) -> Vec<Span> {
    let mut timeline = Timeline::new();
    let mut spans: Vec<Span> = events.iter().flat_map(|event| timeline.take(event)).collect();
    spans.extend(timeline.close());
    spans
}

fn named<'a>(spans: &'a [Span], name: &str) -> &'a Span {
    spans.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("no span {name}"))
}

#[tokio::test(start_paused = true)]
async fn spans_have_the_times_of_the_events_and_lie_within_their_parents() {
    let events = events(RUNBOOK).await;
    let spans = spans(&events.records());
    for event in &events.all() {
        if let (Some(step), Some(took)) = (event["step"].as_str(), event["milliseconds"].as_u64()) {
            let span = named(&spans, step);
            assert_eq!((span.ended - span.began) / 1_000, took, "{step}");
        }
    }
    for span in &spans {
        let Some(parent) = span.parent else { continue };
        let parent = spans.iter().find(|span| span.id == parent).unwrap();
        assert!(parent.began <= span.began && span.ended <= parent.ended, "{span:?} in {parent:?}");
    }
    let b = named(&spans, "step.read.b");
    let attempts: Vec<(&str, u64, bool)> = spans
        .iter()
        .filter(|span| span.parent == Some(b.id))
        .map(|span| (span.name.as_str(), (span.ended - span.began) / 1_000, span.failure.is_some()))
        .collect();
    assert_eq!(
        attempts,
        [("attempt 1", 2_000, true), ("attempt 2", 2_000, true), ("attempt 3", 2_000, false)]
    );
    let a = named(&spans, "step.read.a");
    let requests: Vec<&Span> = spans.iter().filter(|span| span.kind == Kind::Request).collect();
    assert!(requests.iter().all(|span| span.parent == Some(a.id)), "{requests:?}");
    let facts: Vec<_> = requests.iter().map(|span| (span.fact("status"), span.fact("resent"))).collect();
    assert_eq!(facts, [(Some(&503.into()), None), (Some(&200.into()), Some(&1.into()))]);
    assert_eq!(a.after, Some(named(&spans, "token for https://example.test").id));
    assert_eq!(named(&spans, "step.read.d").failure.as_deref(), Some("told to fail"));
    let run = spans.last().unwrap();
    assert_eq!((run.kind, run.id, run.failure.as_deref()), (Kind::Run, 0, Some("the run failed")));
}

/// Checks that the slices of each track nest, and returns the duration of each by name.
fn nested(events: &[Json]) -> BTreeMap<String, u64> {
    let number = |event: &Json, name: &str| event[name].as_u64().unwrap();
    let mut open: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    let mut durations = BTreeMap::new();
    for slice in events.iter().filter(|event| event["ph"] == "X") {
        let (began, track) = (number(slice, "ts"), open.entry(number(slice, "tid")).or_default());
        let ended = began + number(slice, "dur");
        while track.last().is_some_and(|&around| around <= began && around < ended) {
            track.pop();
        }
        assert!(track.last().is_none_or(|&around| ended <= around), "{slice} crosses what it lies in");
        track.push(ended);
        durations.insert(slice["name"].as_str().unwrap().to_owned(), number(slice, "dur"));
    }
    durations
}

#[tokio::test(start_paused = true)]
async fn a_trace_nests_on_every_track_and_its_arrows_bind_to_slices() {
    let spans = spans(&events(RUNBOOK).await.records());
    let trace = chrome(&spans);
    let durations = nested(&trace);
    assert_eq!(durations["step.read.c[3]"], 3_000_000);
    let of = |phase: &'static str| trace.iter().filter(move |event| event["ph"] == phase);
    for arrow in of("s").chain(of("f")) {
        let at = arrow["ts"].as_u64().unwrap();
        let bound = of("X").any(|slice| {
            let (began, took) = (slice["ts"].as_u64().unwrap(), slice["dur"].as_u64().unwrap());
            slice["tid"] == arrow["tid"] && began <= at && at <= began + took
        });
        assert!(bound, "{arrow} is tied to nothing");
    }
    assert_eq!((of("s").count(), of("f").count()), (6, 6), "all but the token wait for something");
    let waits: Vec<_> = of("b").map(|wait| wait["name"].as_str().unwrap()).collect();
    assert_eq!(waits, ["step.read.c[2]", "step.read.c[3]", "step.read.b"]);
    let lanes = of("X").map(|slice| slice["tid"].as_u64().unwrap()).max();
    assert_eq!(lanes, Some(2), "as many as there are places");
}

#[tokio::test(start_paused = true)]
async fn a_truncated_record_gives_a_complete_trace() {
    let events = events(RUNBOOK).await;
    let (events, records) = (events.all(), events.records());
    for end in 0..=records.len() {
        let spans = spans(&records[..end]);
        nested(&chrome(&spans));
        assert_eq!(spans.iter().filter(|span| span.kind == Kind::Run).count(), usize::from(end > 0));
        let started = events[..end].iter().filter(|event| event["event"] == "step_started").count();
        assert_eq!(spans.iter().filter(|span| span.kind == Kind::Step).count(), started);
    }
}

#[tokio::test(start_paused = true)]
async fn the_critical_path_leads_to_the_end() {
    let events = events(RUNBOOK).await;
    let events = events.all();
    let end = events.last().unwrap();
    let path: Vec<&str> = end["critical_path"]
        .as_array()
        .unwrap()
        .iter()
        .map(|link| link["address"].as_str().unwrap())
        .collect();
    let expected = ["token for https://example.test", "step.read.a", "step.read.b", "step.read.d"];
    assert_eq!(path, expected);
    assert_eq!((end["critical_path_length"].as_u64(), end["milliseconds"].as_u64()), (Some(4), Some(18_500)));
    let sum = |name: &str| end[name].as_u64().unwrap();
    assert_eq!(sum("critical_path_milliseconds") + sum("critical_path_queued_milliseconds"), 18_500);
}
