//! Tests that no text and no data causes a panic.

use proptest::prelude::*;

use super::{Query, json, search};
use crate::jmespath::SearchError;
use crate::value::{Marks, Origins, Type, Value, arbitrary};

/// Parses and searches; any message or result is accepted.
fn survive(text: &str, value: &Value) {
    match Query::parse(text) {
        Ok(query) => drop(query.search(value)),
        Err(error) => {
            assert!(text.get(error.offset.clone()).is_some(), "{:?} is no place in {text:?}", error.offset);
            assert!(!error.message.is_empty());
        }
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn deep_and_long_queries() {
    let parts = [
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "[?",
        "[]",
        "[*]",
        "*",
        ".*",
        ".a",
        "!",
        "&",
        "|",
        "||",
        "&&",
        "a|",
        "a||",
        "a&&",
        "a==",
        "a<",
        "abs(",
        "abs(abs(",
        "not_null(a,",
        "{a:",
        "[a,",
        "a[?b==",
        "`[",
        "`",
        "'",
        "\"",
        "\\",
        ":",
        "[:",
        "-",
        "@",
        "@.",
        "[0]",
        "[::1]",
        "[?a]",
        "日",
        "\u{0}",
        "to_array(",
        "sort_by(@,&",
        "let $x = ",
        "let $x = a in ",
        "let $x = a, $y = b in ",
        "$x",
        " in ",
        "=",
        ",",
    ];
    let value = json(r#"{"a": [{"a": 1}]}"#);
    for part in parts {
        for count in [1, 2, 200, 255, 256, 300, 20_000] {
            survive(&part.repeat(count), &value);
            survive(&format!("a{}", part.repeat(count)), &value);
            survive(&format!("{}a", part.repeat(count)), &value);
        }
    }
}

#[test]
fn the_deepest_queries_that_are_read() {
    let value = json(r#"{"a": 1}"#);
    let closed = |open: &str, inner: &str, close: &str, depth: usize| {
        format!("{}{inner}{}", open.repeat(depth), close.repeat(depth))
    };
    let queries = [
        closed("(", "a", ")", 256),
        closed("[", "a", "]", 256),
        closed("{a: ", "a", "}", 256),
        closed("!", "a", "", 256),
        closed("to_array(", "a", ")", 256),
        closed("[?", "a", "]", 256),
        closed("a || ", "a", "", 256),
        closed("a | ", "a", "", 256),
        closed("map(&", "a", ", @)", 128),
        format!("a{}", "[*].a".repeat(128)),
        format!("a{}", "[]".repeat(256)),
        format!("a{}", ".*".repeat(128)),
    ];
    for query in queries {
        Query::parse(&query).unwrap_or_else(|error| panic!("{}…: {error}", &query[..30]));
        survive(&query, &value);
    }
}

#[test]
fn explosions_stop() {
    let value = json(
        r#"{"t": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"\\", "l": ["a", "b", "c"]}"#,
    );
    let many = |stage: &str, count: usize| vec![stage; count].join(" | ");
    let queries = [
        many("[@, @, @, @, @, @, @, @][]", 30),
        many("[@, @]", 60),
        many("{a: @, b: @}", 60),
        many("to_string([@, @])", 40),
        format!("l | {}", many("[join('0123456789', @), join('9876543210', @)]", 40)),
        format!("l | {}", many("map(&[@, @, @, @], @)[]", 30)),
        format!("[{}]", vec!["@"; 3000].join(", "))
            + " | [@, @, @, @, @, @, @, @, @, @] | [@, @, @, @, @, @, @, @, @, @] | [@, @, @, @, @, @, @, @, @, @] | [@, @, @, @, @, @, @, @, @, @]",
    ];
    for query in queries {
        assert_eq!(search(&query, &value), Err(SearchError::Effort), "{}…", &query[..20]);
    }
}

#[test]
fn deep_data_is_searched() {
    let deep = (0..500).fold(Value::from(1_i64), |inner, _| Value::tuple([inner]));
    for query in ["[]", "@ == @", "to_string(@)", "[@, @]", "[*][*]", "contains(@, @)", "sort_by(@, &@)"] {
        survive(query, &deep);
    }
}

/// Generates texts that are more often valid queries than random ones.
fn queryish() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("a"),
        Just("b"),
        Just("@"),
        Just("."),
        Just("[*]"),
        Just("[]"),
        Just("[0]"),
        Just("[-1:]"),
        Just("[?"),
        Just("]"),
        Just("*"),
        Just(" | "),
        Just(" || "),
        Just(" && "),
        Just("!"),
        Just("=="),
        Just("<"),
        Just("("),
        Just(")"),
        Just("{a: "),
        Just("}"),
        Just("["),
        Just(","),
        Just("'x'"),
        Just("`1`"),
        Just("`[1, \"a\"]`"),
        Just("\"a\""),
        Just("length("),
        Just("sort_by(@, &"),
        Just("map(&"),
        Just("not_null("),
        Just("merge("),
        Just("sum("),
        Just("to_string("),
        Just("let $x = "),
        Just(" in "),
        Just("$x"),
        Just("items("),
        Just("from_items("),
        Just("zip("),
        Just("group_by(@, &"),
        Just("split("),
        Just("replace(a, 'x', "),
        Just("trim("),
        Just("max("),
        Just("join('',"),
        Just("reverse("),
    ];
    prop::collection::vec(part, 0..14).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn any_text(text in "(?s).{0,40}", value in arbitrary::value()) {
        survive(&text, &value);
    }

    #[test]
    fn any_query_like_text(text in queryish(), value in arbitrary::value()) {
        survive(&text, &value);
    }

    #[test]
    fn knowing_more_never_contradicts(text in queryish(), value in arbitrary::json()) {
        // A result found while a part is unknown must hold when it is known.
        let Ok(query) = Query::parse(&text) else { return Ok(()) };
        let whole = Value::object([("a", value.clone()), ("b", Value::from(1_i64))]);
        let later = Value::unknown(Type::Any, Origins::of("step.a.b"));
        let partial = Value::object([("a", later), ("b", Value::from(1_i64))]);
        if let (Ok(early), Ok(late)) = (query.search(&partial), query.search(&whole))
            && early.is_wholly_known()
        {
            prop_assert_eq!(early, late, "{}", text);
        }
    }

    #[test]
    fn what_is_not_marked_does_not_depend_on_a_secret(
        text in queryish(),
        secrets in ["[ax1]{1,3}", "[ax1]{1,3}"],
        container in any::<bool>(),
    ) {
        let Ok(query) = Query::parse(&text) else { return Ok(()) };
        let found = secrets.map(|secret| {
            let secret = if container { Value::tuple([secret.into()]) } else { secret.into() };
            let secret = secret.with_marks(&Marks::sensitive("var.secret"));
            let open = Value::tuple([secret.clone(), Value::from("x"), Value::NULL]);
            query.search(&Value::object([("a", secret), ("b", open)])).map(|found| format!("{found:?}"))
        });
        prop_assert_eq!(&found[0], &found[1], "{}", text);
    }
}
