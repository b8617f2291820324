//! Tests the propagation of marks and unknowns through queries.

use super::{json, search};
use crate::value::{Marks, Origins, Type, Value};

fn secret(value: impl Into<Value>) -> Value {
    value.into().with_marks(&Marks::sensitive("var.secret"))
}

fn unknown(ty: Type) -> Value {
    Value::unknown(ty, Origins::of("step.a.b"))
}

/// Returns two accounts; the second has a secret key, an unknown size, and an unknown name that is not null.
fn accounts() -> Value {
    Value::object([
        (
            "all",
            Value::tuple([
                Value::object([
                    ("id", Value::from("a")),
                    ("key", "k1".into()),
                    ("size", 1_i64.into()),
                    ("name", "x".into()),
                ]),
                Value::object([
                    ("id", Value::from("b")),
                    ("key", secret("k2")),
                    ("size", unknown(Type::Number)),
                    ("name", unknown(Type::String).not_null()),
                ]),
            ]),
        ),
        ("hidden", secret(json(r#"{"a": [1, 2], "b": null}"#))),
        ("later", unknown(Type::Any)),
    ])
}

#[test]
fn marks_stay_on_their_leaves() {
    let cases = [
        ("all[0].key", r#""k1""#),
        ("all[1].key", "(sensitive)"),
        ("all[1].id", r#""b""#),
        ("all[*].key", r#"["k1", (sensitive)]"#),
        ("all[*].{i: id, k: key} | [1]", r#"{"i": "b", "k": (sensitive)}"#),
        ("all[].[id, key][]", r#"["a", "k1", "b", (sensitive)]"#),
        ("values(all[1])[0]", r#""b""#),
        ("keys(all[1])[0]", r#""id""#),
        ("merge(all[0], {key: all[1].key}).[id, key]", r#"["a", (sensitive)]"#),
        ("reverse(all[*].key)", r#"[(sensitive), "k1"]"#),
        ("not_null(missing, all[1].key)", "(sensitive)"),
        ("length(all[*].key)", "2"),
        ("type(all[1])", r#""object""#),
        ("items(all[1])[0]", r#"["id", "b"]"#),
        ("items(all[1])[1]", r#"["key", (sensitive)]"#),
        ("from_items(items(all[1])).[id, key]", r#"["b", (sensitive)]"#),
        ("zip(all[*].id, all[*].key)", r#"[["a", "k1"], ["b", (sensitive)]]"#),
        ("group_by(all, &id).b[0].[id, key]", r#"["b", (sensitive)]"#),
        ("let $k = all[1].key, $i = all[1].id in [$i, $k]", r#"["b", (sensitive)]"#),
    ];
    for (query, expected) in cases {
        assert_eq!(format!("{:?}", search(query, &accounts()).expect(query)), expected, "{query}");
    }
}

#[test]
fn what_is_made_of_a_secret_or_decided_by_one_is_marked() {
    let queries = [
        "hidden.a",
        "hidden.a[0]",
        "hidden.missing",
        "hidden.a[*]",
        "hidden.a[1:]",
        "hidden.*",
        "hidden.a[?@ == `1`]",
        "length(hidden.a)",
        "keys(hidden)",
        "to_string(all[1].{k: key})",
        "join('', all[*].key)",
        "length(all[1].key)",
        "all[1].key == 'x'",
        "all[1].key < `1`",
        "!(all[1].key)",
        "all[1].key && 'fixed'",
        "all[?key == 'k2']",
        "all[?key == 'k2'].id | [0]",
        "contains(all[*].key, 'x')",
        "contains('text', all[1].key)",
        "sort(all[*].key)",
        "sort(all[*].key)[0]",
        "max(all[*].key)",
        "sort_by(all, &key)[0].id",
        "max_by(all, &key).id",
        "hidden.b || 'fixed'",
        "not_null(hidden.b, 'fixed')",
        "map(&'x', hidden.a)",
        "[hidden.a][]",
        "type(hidden.a)",
        "to_number(all[1].key)",
        "split(all[1].key, '')",
        "split('a b', all[1].key)",
        "trim(all[1].key)",
        "upper(all[1].key)",
        "replace('a', 'a', all[1].key)",
        "find_first(all[1].key, 'x')",
        "pad_left('a', length(all[1].key))",
        "items(hidden)",
        "zip(all, hidden.a)",
        "group_by(all, &key)",
        "from_items(all[*].[key, id])",
        "from_items([hidden.a[*].to_string(@)])",
        "let $h = hidden in $h.a",
        "let $k = all[1].key in all[?id == $k]",
        "hidden.b.[x]",
    ];
    for query in queries {
        let found = search(query, &accounts()).expect(query);
        assert!(found.is_sensitive(), "{query}: {found:?}");
    }
}

#[test]
fn what_waits_for_an_unknown_is_unknown() {
    let queries = [
        "later",
        "later.a.b",
        "later[0]",
        "later[*].a",
        "later[1:]",
        "later.*",
        "later[]",
        "later[?a]",
        "later.[a]",
        "later == `1`",
        "later < `1`",
        "!later",
        "later || 'x'",
        "later && 'x'",
        "all[*].size",
        "all[?size > `0`]",
        "all[?size > `0`].id | [0]",
        "sum(all[*].size)",
        "length(later)",
        "length(all[1].name)",
        "keys(later)",
        "sort_by(all, &size)",
        "max(all[*].name)",
        "contains(all[*].name, 'y')",
        "join('', all[*].name)",
        "to_string(all)",
        "to_array(later)",
        "not_null(later, 'x')",
        "merge(all[0], later)",
        "type(later)",
        "map(&a, later)",
        "[`[1]`, later][]",
        "to_number(later)",
        "split(later, '/')",
        "split('a', '', later)",
        "lower(all[1].name)",
        "find_last('abc', all[1].name)",
        "pad_right('a', all[1].size)",
        "items(later)",
        "from_items(later)",
        "from_items(all[*].[name, id])",
        "from_items([later, ['a', 'b']])",
        "zip(all, later)",
        "group_by(all, &name)",
        "let $l = later in $l.a",
        "let $l = later in all[?id == $l]",
    ];
    for query in queries {
        let found = search(query, &accounts()).expect(query);
        assert!(found.is_unknown(), "{query}: {found:?}");
        assert_eq!(found.origins(), Origins::of("step.a.b"), "{query}");
    }
}

#[test]
fn what_is_known_in_spite_of_unknowns_is_known() {
    let cases = [
        ("all[*].id", r#"["a", "b"]"#),
        ("all[?id == 'b'].id", r#"["b"]"#),
        ("length(all)", "2"),
        ("keys(@)", r#"["all", "hidden", "later"]"#),
        ("all[*].name", r#"["x", (known after step.a.b)]"#),
        ("let $l = later in all[*].id", r#"["a", "b"]"#),
        ("from_items([['a', later]])", r#"{"a": (known after step.a.b)}"#),
        ("zip(all[*].id, [later, later])[1]", r#"["b", (known after step.a.b)]"#),
        ("items({a: later})", r#"[["a", (known after step.a.b)]]"#),
        ("keys(group_by(all, &id))", r#"["a", "b"]"#),
        ("[later, 'x']", r#"[(known after step.a.b), "x"]"#),
        ("all[0].name || later", r#""x""#),
        ("contains(all[*].name, 'x')", "true"),
        ("[all[0].id, later] == [all[1].id, later]", "false"),
        ("map(&size, all)", "[1, (known after step.a.b)]"),
        ("not_null(all[0].size, later)", "1"),
        ("[all[*].name, later][0]", r#"["x", (known after step.a.b)]"#),
    ];
    for (query, expected) in cases {
        assert_eq!(format!("{:?}", search(query, &accounts()).expect(query)), expected, "{query}");
    }
}

#[test]
fn an_error_that_may_not_happen_is_none() {
    for query in ["all[?size > `1`].abs(id)", "later || abs('x')"] {
        assert!(search(query, &accounts()).expect(query).is_unknown(), "{query}");
    }
}

#[test]
fn an_unknown_is_as_sensitive_as_what_it_may_become() {
    let value = Value::object([("when", unknown(Type::Bool)), ("key", secret("k"))]);
    for query in ["when && key", "[@][?when].key", "to_string([when, key])"] {
        let found = search(query, &value).expect(query);
        assert!(found.is_unknown() && found.is_sensitive(), "{query}: {found:?}");
    }
}
