//! Generates random queries and documents.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

/// The names of all members, few so that queries match them.
const NAMES: [&str; 4] = ["a", "b", "c", "tags"];

fn name() -> impl Strategy<Value = String> {
    prop::sample::select(&NAMES[..]).prop_map(str::to_owned)
}

fn text() -> impl Strategy<Value = Json> {
    prop::sample::select(&["", "a", "b", "10", "9", "é", "a b", "2024-01-01"][..]).prop_map(Json::from)
}

/// Generates integers and halves, which Python represents exactly.
fn number() -> impl Strategy<Value = Json> {
    prop_oneof![(-3_i64..12).prop_map(Json::from), (-3_i32..6).prop_map(|half| json!(f64::from(half) + 0.5)),]
}

fn scalar() -> impl Strategy<Value = Json> {
    prop_oneof![1 => Just(Json::Null), 1 => any::<bool>().prop_map(Json::from), 2 => number(), 2 => text()]
}

/// Generates documents with few names and values.
pub fn document() -> impl Strategy<Value = Json> {
    scalar().prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::vec(text(), 0..4).prop_map(Json::from),
            prop::collection::vec(number(), 0..4).prop_map(Json::from),
            prop::collection::btree_map(name(), inner, 0..4)
                .prop_map(|members| Json::Object(members.into_iter().collect())),
        ]
    })
}

/// Generates the start of a path.
fn start() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => name(),
        1 => name().prop_map(|name| format!("\"{name}\"")),
        2 => Just("@".to_owned()),
        1 => scalar().prop_map(|value| format!("`{value}`")),
        1 => document().prop_map(|value| format!("`{value}`")),
        1 => prop::sample::select(&["'a'", "'10'", "''", "'2023-12-31'"][..]).prop_map(str::to_owned),
        1 => Just("[]".to_owned()),
        1 => Just("[*]".to_owned()),
        1 => Just("*".to_owned()),
        1 => Just("[0]".to_owned()),
    ]
}

/// Generates the continuation of a path.
fn step(inner: BoxedStrategy<String>) -> impl Strategy<Value = String> {
    let index = (-3_i32..4).prop_map(|at| format!("[{at}]"));
    let bound =
        || prop::option::of(-4_i32..5).prop_map(|at| at.map_or_else(String::new, |at| at.to_string()));
    let stride = prop::sample::select(&["", ":", ":1", ":2", ":-1"][..]);
    let slice = (bound(), bound(), stride).prop_map(|(start, end, step)| format!("[{start}:{end}{step}]"));
    prop_oneof![
        4 => name().prop_map(|name| format!(".{name}")),
        2 => index,
        1 => slice,
        2 => Just("[]".to_owned()),
        2 => Just("[*]".to_owned()),
        1 => Just(".*".to_owned()),
        2 => inner.clone().prop_map(|inner| format!("[?{inner}]")),
        2 => list(inner.clone()).prop_map(|list| format!(".{list}")),
        2 => object(inner.clone()).prop_map(|object| format!(".{object}")),
        1 => call(inner).prop_map(|call| format!(".{call}")),
    ]
}

fn list(inner: BoxedStrategy<String>) -> impl Strategy<Value = String> {
    prop::collection::vec(inner, 1..3).prop_map(|elements| format!("[{}]", elements.join(", ")))
}

/// Generates selections with sorted names.
fn object(inner: BoxedStrategy<String>) -> impl Strategy<Value = String> {
    prop::collection::btree_map(name(), inner, 1..3).prop_map(|members| {
        let members: Vec<_> = members.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        format!("{{{}}}", members.join(", "))
    })
}

/// Generates calls of the specification's functions with the right number of arguments.
fn call(inner: BoxedStrategy<String>) -> impl Strategy<Value = String> {
    let one = [
        "abs",
        "avg",
        "ceil",
        "floor",
        "keys",
        "length",
        "max",
        "min",
        "reverse",
        "sort",
        "sum",
        "to_array",
        "to_number",
        "to_string",
        "type",
        "values",
        "not_null",
        "merge",
    ];
    let two = ["contains", "ends_with", "starts_with", "join", "not_null", "merge"];
    let by = ["sort_by", "max_by", "min_by"];
    prop_oneof![
        4 => (prop::sample::select(one.to_vec()), inner.clone()).prop_map(|(name, a)| format!("{name}({a})")),
        2 => (prop::sample::select(two.to_vec()), inner.clone(), inner.clone())
            .prop_map(|(name, a, b)| format!("{name}({a}, {b})")),
        1 => (prop::sample::select(by.to_vec()), inner.clone(), inner.clone())
            .prop_map(|(name, a, b)| format!("{name}({a}, &{b})")),
        1 => (inner.clone(), inner).prop_map(|(a, b)| format!("map(&{a}, {b})")),
    ]
}

/// Generates valid queries.
pub fn query() -> impl Strategy<Value = String> {
    let path = start().boxed();
    path.prop_recursive(4, 32, 4, |inner| {
        let inner = inner.boxed();
        let operator = ["==", "!=", "<", "<=", ">", ">=", "&&", "||", "|"];
        let infix = (inner.clone(), prop::sample::select(operator.to_vec()), inner.clone());
        prop_oneof![
            6 => (inner.clone(), step(inner.clone())).prop_map(|(path, step)| path + &step),
            2 => infix.prop_map(|(a, operator, b)| format!("{a} {operator} {b}")),
            1 => inner.clone().prop_map(|inner| format!("({inner})")),
            1 => inner.clone().prop_map(|inner| format!("!{inner}")),
            1 => list(inner.clone()),
            1 => object(inner.clone()),
            2 => call(inner),
        ]
    })
}

/// Generates pieces of queries in random order, which are rarely valid.
pub fn pieces() -> impl Strategy<Value = String> {
    let pieces = [
        "a",
        "b",
        "@",
        ".",
        "[*]",
        "[]",
        "[0]",
        "[-1:]",
        "[?",
        "]",
        "*",
        " | ",
        " || ",
        " && ",
        "!",
        "==",
        "<",
        "(",
        ")",
        "{a: ",
        "}",
        "[",
        ", ",
        " ",
        "'x'",
        "`1`",
        "`text`",
        "\"a\"",
        "length(",
        "sort_by(@, &",
        ":",
        "1",
        "-",
        "-2",
        "&",
        "=",
        "`",
        "'",
        "\"",
    ];
    prop::collection::vec(prop::sample::select(pieces.to_vec()), 1..10).prop_map(|pieces| pieces.concat())
}
