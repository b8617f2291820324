//! Tests that a canary in any field of any event never reaches the output.

use std::sync::Arc;

use arcbook_engine::journal::Writer;
use arcbook_engine::plan::{Listing, show_listing};
use arcbook_engine::redact::{Redact, Secrets};
use arcbook_engine::run::{Observer as _, Record};
use arcbook_engine::timeline::{Span, chrome};

use crate::disk::Disk;

/// Unlike any of arcbook's own words, which some fields may contain unredacted.
const CANARY: &str = "canary/+\"ünsäglich\"";

fn secrets() -> Secrets {
    let secrets = Secrets::new();
    secrets.add(CANARY);
    secrets
}

fn json<T: serde::Serialize>(data: &T) -> String {
    serde_json::to_string(data).expect("JSON")
}

#[test]
fn no_event_shows_a_secret_wherever_it_is() {
    let samples = Record::samples(CANARY);
    assert!(samples.len() > 30, "{} samples of all variants", samples.len());
    for record in &samples {
        assert!(json(record).contains("canary"), "{record:?}");
        let clean = json(&*secrets().redacted(record));
        assert!(!clean.contains("canary") && !clean.contains("nsäglich"), "{clean}");
    }
}

#[tokio::test]
async fn no_secret_of_an_event_is_in_a_record() {
    let disk = Disk::default();
    let writer = Writer::new(disk.clone(), secrets());
    let mut recorder = writer.recorder();
    for record in Record::samples(CANARY) {
        recorder.observe(&Arc::new(record));
    }
    drop(recorder);
    assert!(writer.finish().is_some());
    let text = String::from_utf8(disk.content()).expect("text");
    assert!(text.lines().count() > 30 && !text.contains("canary") && !text.contains("nsäglich"), "{text}");
}

#[test]
fn no_secret_of_a_span_is_in_a_trace() {
    let mut spans = Span::samples(CANARY);
    spans.redact(&secrets());
    let text = json(&chrome(&spans));
    assert!(!text.contains("canary") && !text.contains("nsäglich"), "{text}");
}

#[test]
fn no_secret_of_a_plan_is_in_its_listing() {
    for listing in Listing::samples(CANARY) {
        let clean = secrets().redacted(&listing).into_owned();
        for text in [json(&clean), show_listing(&clean, &crate::support::full())] {
            assert!(!text.contains("canary") && !text.contains("nsäglich"), "{text}");
        }
    }
}

/// Members whose values are arcbook's own words.
const WORDS: [&str; 9] = ["event", "status", "effect", "cause", "before", "definition", "salt", "at", "seq"];

#[test]
fn arcbooks_own_words_are_never_redacted() {
    for word in
        ["done", "created", "run_started", "reads", "success", "0123456789abcdef", "2026-01-01T00:00:00Z"]
    {
        let secrets = Secrets::new();
        secrets.add(word);
        for record in Record::samples(word) {
            let before = serde_json::to_value(&record).expect("JSON");
            let after = serde_json::to_value(&*secrets.redacted(&record)).expect("JSON");
            for name in WORDS {
                assert_eq!(before.get(name), after.get(name), "{name} of {after}");
            }
        }
    }
}
