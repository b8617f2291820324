//! Tests that the types that write the lines of a journal read them.

use std::sync::Arc;

use arcbook_engine::journal::{Journal, Line, Verdict, Writer};
use arcbook_engine::plan::ShownValue;
use arcbook_engine::redact::{Redact, Secrets};
use arcbook_engine::run::{Event, Observer as _, Record};
use arcbook_engine::value::Value;
use proptest::prelude::*;
use serde_json::Value as Json;

use crate::disk::Disk;

/// Returns a line with this record.
fn line(record: Record) -> Line<'static> {
    let journal = written(vec![record]);
    let text = String::from_utf8(journal).expect("text");
    serde_json::from_str(text.trim_end()).expect(&text)
}

/// Writes records as a journal.
fn written(records: Vec<Record>) -> Vec<u8> {
    let disk = Disk::default();
    let writer = Writer::new(disk.clone(), Secrets::new());
    let mut recorder = writer.recorder();
    for (seq, record) in (1..).zip(records) {
        recorder.observe(&Arc::new(Record { seq, ..record }));
    }
    drop(recorder);
    assert!(writer.finish().is_some());
    disk.content()
}

/// Returns a record of each event, with `text` wherever text may be.
fn samples(text: &str) -> Vec<Record> {
    let samples = Record::samples(text);
    for name in Event::NAMES {
        assert!(samples.iter().any(|record| record.event.name() == *name), "no sample of {name}");
    }
    samples
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_event_reads_back(text in any::<String>()) {
        for record in samples(&text) {
            let text = serde_json::to_string(&line(record.clone())).expect("JSON");
            let again: Line = serde_json::from_str(&text).expect(&text);
            prop_assert_eq!(&again.record.event, &record.event, "{}", text);
            prop_assert_eq!((&again.record.at, again.record.elapsed_microseconds), (&record.at, record.elapsed_microseconds));
        }
    }
}

#[test]
fn exact_numbers_read_back() {
    let number = Value::parse_json("12345678901234567890.5").expect("a number");
    let of_output =
        samples("x").into_iter().find(|record| record.event.name() == "output").expect("a sample");
    let event = Event::Output {
        name: "x".to_owned(),
        value: Some(ShownValue::from(&number)),
        sensitive: false,
        secrets: Vec::new(),
    };
    let record = Record { event, ..of_output };
    assert_eq!(line(record.clone()).record.event, record.event);
}

/// Each member of each event that is always written is needed, and no other one is accepted.
#[test]
fn members_are_neither_missing_nor_unknown() {
    let optional = [
        "setting",
        "read",
        "policies",
        "seals",
        "fingerprint",
        "queued_microseconds",
        "principal",
        "arguments",
        "title",
        "secrets",
    ];
    for record in samples("x") {
        let json = serde_json::to_value(line(record)).expect("JSON");
        let members = json.as_object().expect("an object");
        let read = |members: &serde_json::Map<String, Json>| {
            let text = serde_json::to_string(members).expect("JSON");
            serde_json::from_str::<Line>(&text).map(drop).map_err(|error| error.to_string())
        };
        assert_eq!(read(members), Ok(()));
        let mut more = members.clone();
        more.insert("surprise".to_owned(), 1.into());
        assert!(read(&more).expect_err("refused").starts_with("unknown field `surprise`"), "{json}");
        for (name, value) in members {
            let mut fewer = members.clone();
            fewer.shift_remove(name);
            match read(&fewer) {
                Ok(()) => {
                    let lenient = optional.contains(&name.as_str()) || may_be_null(&json, name);
                    assert!(lenient, "{name} = {value} may be missing from {json}");
                }
                Err(error) if name == "event" => assert!(error.starts_with("unknown field"), "{error}"),
                Err(error) => assert!(error.starts_with(&format!("missing field `{name}`")), "{error}"),
            }
        }
    }
}

/// Returns true if null in place of a member reads back as no value.
fn may_be_null(json: &Json, name: &str) -> bool {
    let mut json = json.clone();
    json[name] = Json::Null;
    serde_json::from_str::<Line>(&json.to_string()).is_ok()
}

#[test]
fn a_line_that_cannot_be_read_is_reported_with_its_reason() {
    let records: Vec<Record> =
        samples("x").into_iter().filter(|record| record.event.name() == "interrupted").collect();
    let whole = String::from_utf8(written(records)).expect("text");
    let cases = [
        ("\"event\":\"interrupted\"", "\"event\":\"paused\"", "unknown event `paused`"),
        ("\"waits\":", "\"wait\":", "unknown field `wait`, expected `signal` or `waits`"),
        ("\"ctrl_c\"", "\"sigquit\"", "unknown variant `sigquit`"),
        (",\"waits\":true", "", "missing field `waits`"),
        ("\"waits\":true", "\"waits\":\"x\"", "invalid type: string \"x\", expected a boolean"),
        ("{\"prev\":", "{\"previous\":", "unknown field `previous`, expected one of"),
        ("\"prev\":\"0", "\"prev\":\"x", "`prev` is not a SHA-256 in hexadecimal"),
    ];
    for (was, is, expected) in cases {
        let text = whole.replacen(was, is, 1);
        assert_ne!(text, whole, "{was} was not found");
        let Verdict::Unreadable { line: 1, reason } = Journal::parse(text.as_bytes()).verdict else {
            panic!("{is}: {:?}", Journal::parse(text.as_bytes()).verdict);
        };
        assert!(reason.starts_with(expected), "{reason}");
    }
}

/// An action of `step_started` has the members of its kind, and no other one.
#[test]
fn a_member_that_an_action_does_not_have_is_reported() {
    let started = samples("x").into_iter().filter(|record| record.event.name() == "step_started");
    let mut actions = 0;
    for record in started {
        let json = serde_json::to_value(line(record)).expect("JSON");
        for at in 0..json["actions"].as_array().expect("actions").len() {
            let mut more = json.clone();
            more["actions"][at]["surprise"] = 1.into();
            let error = serde_json::from_str::<Line>(&more.to_string()).expect_err("refused").to_string();
            assert!(error.contains("unknown field `surprise`"), "{error}");
            actions += 1;
        }
    }
    assert!(actions > 0, "no sample of an action");
}
