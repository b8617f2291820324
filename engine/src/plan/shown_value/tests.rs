use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::{Named, ShownValue};
use crate::redact::{Redact as _, Secrets};
use crate::step::{Accepts, Field, Sink};
use crate::value::{Marks, Origins, TextKind, Type, Value};

/// Texts that spell the phrases which people see in place of missing parts.
const SPOOFS: [&str; 5] = [
    "(sensitive value)",
    "(ephemeral value)",
    "(known after step.a.b)",
    "(sensitive)",
    "https://(sensitive)/x",
];

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::NULL),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,4}".prop_map(Value::string),
        proptest::sample::select(SPOOFS.to_vec()).prop_map(Value::from),
        Just(Value::unknown(Type::Any, Origins::of("step.a.b"))),
        Just(Value::from("x").with_marks(&Marks::sensitive("var.s"))),
        Just(Value::from("x").with_marks(&Marks::ephemeral("var.e"))),
        Just(Value::from("x").with_marks(&Marks::sensitive("s").union(&Marks::ephemeral("e")))),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::tuple),
            prop::collection::vec((".{0,3}", inner), 0..4).prop_map(Value::object),
        ]
    })
}

fn read(text: &str) -> Result<ShownValue, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

proptest! {
    #[test]
    fn a_shown_value_reads_back(value in any_value()) {
        let shown = ShownValue::from(&value);
        let text = serde_json::to_string(&shown).expect("JSON");
        prop_assert_eq!(read(&text), Ok(shown.clone()));
        let display = shown.to_value().expect("a value");
        prop_assert_eq!(ShownValue::from(&display), shown.clone(), "{}", text);
        let restored = shown.restored("step.x.y", &Origins::of("step.x.y")).expect("a value");
        prop_assert_eq!(restored.is_wholly_known() && !restored.has_deep_marks(), shown.is_whole(), "{}", text);
    }

    #[test]
    fn named_values_read_back(values in prop::collection::vec((".{0,3}", any_value()), 0..5)) {
        let named: Named = values.iter().map(|(name, value)| (name.as_str(), value)).collect();
        let text = serde_json::to_string(&named).expect("JSON");
        prop_assert_eq!(serde_json::from_str::<Named>(&text).expect(&text), named);
    }

    #[test]
    fn no_secret_is_in_a_redacted_value(value in any_value(), names in prop::collection::vec("[a-z]{0,2}hunter2", 1..3)) {
        let secrets = Secrets::new();
        secrets.add("hunter2");
        let around = Value::object(names.iter().map(|name| (name.as_str(), value.clone())));
        let mut shown = ShownValue::from(&Value::tuple([around, Value::from("hunter2")]));
        shown.redact(&secrets);
        let text = serde_json::to_string(&shown).expect("JSON");
        prop_assert!(!text.contains("hunter2") && !shown.is_whole(), "{}", text);
        prop_assert_eq!(read(&text), Ok(shown));
    }
}

#[test]
fn the_json_has_the_marks_beside_the_value() {
    let hidden = |text: &str| Value::from(text).with_marks(&Marks::sensitive("var.x"));
    let later = Value::unknown(Type::Any, Origins::of("step.a.b").union(&Origins::of("step.c.d")));
    let cases = [
        (Value::from(1i64), json!({ "value": 1 }), "1"),
        (hidden("x"), json!({ "value": null, "sensitive": [[]] }), "(sensitive value)"),
        (
            Value::tuple([Value::NULL, later]),
            json!({ "value": [null, null], "unknown": [{ "path": [1], "after": ["step.a.b", "step.c.d"] }] }),
            "[null,(known after step.a.b, step.c.d)]",
        ),
        (
            Value::object([
                ("a", Value::object([("b", hidden("x"))])),
                ("c", Value::from("(sensitive value)")),
            ]),
            json!({ "value": { "a": { "b": null }, "c": "(sensitive value)" }, "sensitive": [["a", "b"]] }),
            r#"{"a":{"b":(sensitive value)},"c":"(sensitive value)"}"#,
        ),
    ];
    for (value, expected, text) in cases {
        let shown = ShownValue::from(&value);
        assert_eq!(serde_json::to_value(&shown).expect("JSON"), expected);
        assert_eq!(shown.to_string(), text);
    }
}

#[test]
fn a_text_that_spells_a_phrase_is_a_text() {
    for spoof in SPOOFS {
        let shown = ShownValue::from(&Value::from(spoof));
        assert!(shown.is_whole());
        assert_eq!(shown.restored("x", &Origins::of("x")).expect("a value"), Value::from(spoof));
        let mut redacted = shown.clone();
        let secrets = Secrets::new();
        secrets.add("hunter2");
        redacted.redact(&secrets);
        assert_eq!(redacted, shown, "nothing of it is secret");
    }
}

#[test]
fn a_redacted_text_is_shown_and_not_restored() {
    let secrets = Secrets::new();
    secrets.add("hunter2");
    let url = Value::from("https://hunter2/x");
    let mut shown = ShownValue::from(&Value::object([("url", url)]));
    shown.redact(&secrets);
    let expected = json!({ "value": { "url": "https://(sensitive)/x" }, "sensitive": [["url"]] });
    assert_eq!(serde_json::to_value(&shown).expect("JSON"), expected);
    assert_eq!(shown.to_string(), r#"{"url":"https://(sensitive)/x"}"#);
    let restored = shown.restored("step.a.b", &Origins::of("step.a.b")).expect("a value");
    let part = restored.children().next().expect("a member");
    assert!(part.is_unknown() && part.marks().is_sensitive());
}

/// A list that is an output and a part of the response is written once, and a reader has both.
#[test]
fn a_part_of_the_response_is_written_once() {
    let item =
        |at: usize| Value::object([("id", Value::from(format!("/subscriptions/1/resource/{at}").as_str()))]);
    let list = |hidden: bool| {
        let more = hidden.then(|| Value::from("x").with_marks(&Marks::sensitive("var.x")));
        Value::tuple((0..100).map(item).chain(more))
    };
    let field = |body| Field {
        name: "items",
        docs: "",
        ty: Type::Any,
        accepts: Accepts::All,
        required: true,
        sensitive: false,
        ephemeral: false,
        is_fact: false,
        from: &[],
        kind: TextKind::Plain,
        body,
        sink: Sink::Memory,
    };
    let secrets = Secrets::new();
    secrets.add("resource");
    for hidden in [false, true] {
        let body = Value::object([("value", list(hidden)), ("nextLink", Value::NULL)]);
        let result = Value::object([("items", list(hidden)), ("body", body)]);
        let text = |named: &Named| serde_json::to_string(named).expect("JSON");
        let twice = Named::of_result(&result, &[field(None)]);
        let mut once = Named::of_result(&result, &[field(Some("value"))]);
        let (before, after) = (text(&twice).len(), text(&once).len());
        assert!(after < before / 2 + 100, "{after} instead of {before} bytes");
        assert!(
            text(&once).contains(r#""copies":[{"name":"items","of":["body","value"]}]"#),
            "{}",
            text(&once)
        );
        for redacted in [false, true] {
            if redacted {
                once.redact(&secrets);
            }
            let again: Named = serde_json::from_str(&text(&once)).expect("named values");
            assert_eq!(again, once);
            assert_eq!(again.get("items"), once.get("items"));
            assert_eq!(again.get("items").expect("restored").is_whole(), !hidden && !redacted);
        }
    }
    let other = Value::object([("items", list(false)), ("body", Value::object([("value", list(true))]))]);
    let other = Named::of_result(&other, &[field(Some("value"))]);
    assert!(!serde_json::to_string(&other).expect("JSON").contains("copies"), "they differ");
}

#[test]
fn what_is_no_shown_value_is_refused() {
    let cases = [
        (r#"{"value":1,"secret":[]}"#, "unknown field `secret`"),
        (r#"{"sensitive":[]}"#, "missing field `value`"),
        (r#"{"value":{},"sensitive":[["a"]]}"#, "a path leads to a part that the value does not have"),
        (r#"{"value":[1],"sensitive":[[1.5]]}"#, "a key is no index"),
        (r#"{"value":[1],"sensitive":[[null]]}"#, "a key is a name or an index"),
    ];
    for (text, expected) in cases {
        assert!(read(text).expect_err(text).starts_with(expected), "{text}: {:?}", read(text));
    }
    let named = |json: Json| serde_json::from_value::<Named>(json).map_err(|error| error.to_string());
    assert_eq!(named(json!({ "value": 1 })).expect_err("refused"), "invalid type: number, expected a map");
    let whole = json!({ "value": {}, "sensitive": [[]] });
    assert_eq!(named(whole).expect_err("refused"), "a path does not begin with the name of a value");
}
