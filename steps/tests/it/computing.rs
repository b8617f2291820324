//! Steps that send no request: `assert`, `random` and `wait`.

use std::collections::BTreeSet;
use std::time::Duration;

use arcbook_engine::step::{ArgumentError, Progress};
use arcbook_engine::value::{Marks, Origins, Type, Value};
use arcbook_steps::registry;

use crate::world::{Bench, text};

fn assertion(condition: Value, message: Value) -> Value {
    Value::object([("condition", condition), ("message", message)])
}

fn sensitive(value: impl Into<Value>) -> Value {
    value.into().with_marks(&Marks::sensitive("x"))
}

#[tokio::test]
async fn all_conditions_that_are_false_are_reported_at_once() {
    let bench = Bench::start().await;
    let blocks = |blocks: Vec<Value>| ("assertion", Value::tuple(blocks));
    let told = |given: &[(&'static str, Value)]| {
        let one = |error: &ArgumentError| {
            format!("{}: {}", error.shown_path(false), error.help.as_deref().unwrap_or_default())
        };
        bench.refused("assert", given).iter().map(one).collect::<Vec<_>>()
    };
    let unknown = |ty: Type| Value::unknown(ty, Origins::of("step.a.b"));
    assert_eq!(told(&[("condition", true.into()), ("message", "m".into())]), [""; 0]);
    assert_eq!(told(&[("condition", unknown(Type::Bool)), ("message", "m".into())]), [""; 0]);
    assert_eq!(
        told(&[
            ("condition", false.into()),
            ("message", "one".into()),
            blocks(vec![
                assertion(true.into(), "two".into()),
                assertion(unknown(Type::Bool), "three".into()),
                assertion(false.into(), "four".into()),
                assertion(sensitive(false), "canary-five".into()),
                assertion(false.into(), sensitive("canary-six")),
                assertion(false.into(), unknown(Type::String)),
            ]),
        ]),
        [
            "condition: one",
            "assertion[2].condition: four",
            "assertion[3].condition: The condition is sensitive, so arcbook does not show its message.",
            "assertion[4].condition: The message is sensitive, so arcbook does not show it.",
            "assertion[5].condition: The message is not known yet.",
        ]
    );
    let outcome = bench.run("assert", &[blocks(vec![assertion(true.into(), "m".into())])]).await.unwrap();
    assert_eq!(outcome.outputs["conditions"], 1_i64.into());
}

#[tokio::test]
async fn random_values_differ_and_are_secrets_of_the_run() {
    let bench = Bench::start().await;
    for (kind, length, expected) in [
        (None, None, 32),
        (Some("password"), Some(12), 12),
        (Some("id"), None, 16),
        (Some("uuid"), None, 36),
        (Some("bytes"), Some(33), 44),
        (Some("hex"), Some(8), 16),
    ] {
        let kind = kind.map(|kind| ("kind", Value::from(kind)));
        let length = length.map(|length: i64| ("length", Value::from(length)));
        let given: Vec<_> = kind.into_iter().chain(length).chain([("prefix", "p-".into())]).collect();
        let mut made = BTreeSet::new();
        for _ in 0..20 {
            let outcome = bench.run("random", &given).await.unwrap();
            let value = text(&outcome, "value").to_owned();
            let random = value.strip_prefix("p-").expect("the prefix");
            assert_eq!(random.len(), expected, "{given:?}");
            assert_eq!(bench.secrets.redact(&format!("x{random}x")), "x(sensitive)x");
            assert!(!format!("{outcome:?}").contains(random));
            made.insert(value);
        }
        assert_eq!(made.len(), 20, "{given:?}");
    }
    let schema = registry(&bench.azure).get("random").unwrap().schema().clone();
    assert!(schema.outputs.iter().all(|output| output.ephemeral && output.sensitive));
    for (given, expected) in [
        (vec![("kind", "uuid".into()), ("length", 8_i64.into())], "length"),
        (vec![("kind", "id".into()), ("min_lower", 1_i64.into())], "min_lower"),
        (vec![("kind", "hex".into()), ("special", "!".into())], "special"),
        (vec![("length", 3_i64.into())], "length"),
    ] {
        let errors = bench.refused("random", &given);
        let names: Vec<&str> = errors.iter().map(ArgumentError::argument).collect();
        assert_eq!(names.join(" "), expected, "{given:?}");
    }
}

#[tokio::test]
async fn a_wait_lets_the_time_pass_and_shows_what_is_left() {
    let bench = Bench::start().await;
    // The lab has started in real time.
    tokio::time::pause();
    let begun = tokio::time::Instant::now();
    let outcome = bench.run("wait", &[("duration", "1h30m".into())]).await.unwrap();
    assert_eq!(begun.elapsed().as_secs(), 5_400);
    assert_eq!(outcome.outputs["seconds"], 5_400_i64.into());
    let left = Duration::from_mins(90);
    assert_eq!(*bench.progress.lock().unwrap(), [Progress::Waiting { left }]);
}

#[tokio::test]
async fn a_time_that_has_passed_ends_a_wait_at_once() {
    let bench = Bench::start().await;
    // The lab has started in real time.
    tokio::time::pause();
    let begun = tokio::time::Instant::now();
    for given in [
        vec![("time", "2020-01-01T00:00:00Z".into())],
        vec![("time", "2020-01-01T00:00:00+01:00".into())],
        vec![("since", "2020-01-01T00:00:00Z".into()), ("duration", "30d".into())],
    ] {
        let outcome = bench.run("wait", &given).await.unwrap();
        assert_eq!(outcome.outputs["seconds"], 0_i64.into(), "{given:?}");
    }
    assert!(begun.elapsed().is_zero() && bench.progress.lock().unwrap().is_empty());
    let late = [("since", "9999-12-31T23:59:59Z".into()), ("duration", "30d".into())];
    assert_eq!(bench.run("wait", &late).await.unwrap_err().about(), Some("duration"));
    for (given, expected) in [
        (vec![("time", "tomorrow".into())], "time"),
        (vec![("time", "2026-12-01".into())], "time"),
        (vec![("duration", "soon".into())], "duration"),
    ] {
        let errors = bench.refused("wait", &given);
        assert_eq!(errors.iter().map(ArgumentError::argument).collect::<Vec<_>>(), [expected]);
    }
    let work = registry(&bench.azure)
        .get("wait")
        .unwrap()
        .prepare(&[("duration".into(), Value::from("1m"))].into_iter().collect());
    assert!(work.unwrap().only_waits(), "no plan waits");
}
