//! Compares queries with jmespath.py, which `az --query` uses.

mod python;
mod queries;

use std::cell::RefCell;

use arcbook_engine::jmespath::Query;
use arcbook_engine::value::Value;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use regex::Regex;
use serde_json::{Value as Json, json};

use python::Python;

/// The result of one of the two: a value, or an error, whose words differ.
type Answer = Result<Json, ()>;

fn ours(query: &str, document: &Json) -> Answer {
    let document = Value::from_json(document).unwrap();
    let found = Query::parse(query).map_err(drop)?.search(&document).map_err(drop)?;
    found.to_json().map_err(drop)
}

/// Returns the answer of jmespath.py, and the type of its error.
fn theirs(python: &mut Python, question: &Json) -> (Answer, String) {
    let answer = python.ask(question);
    let error = answer["error"].as_str().unwrap_or_default().to_owned();
    let answer = if error.is_empty() { Ok(answer["value"].clone()) } else { Err(()) };
    (answer, error)
}

/// Compares two answers; numbers with the precision of jmespath.py.
fn same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(a), Json::Number(b)) => match (a.as_f64(), b.as_f64()) {
            (Some(a), Some(b)) => (a - b).abs() <= 1e-9 * a.abs().max(1.0),
            _ => a == b,
        },
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}

/// Returns a runner with `cases` cases, or more if `PROPTEST_CASES` says so.
fn runner(cases: u32) -> TestRunner {
    let usual = ProptestConfig::default();
    TestRunner::new(ProptestConfig { cases: cases.max(usual.cases), failure_persistence: None, ..usual })
}

#[test]
fn random_queries_find_the_same() {
    let Some(python) = Python::start("queries beside jmespath.py") else { return };
    let python = RefCell::new(python);
    let cases = (queries::query(), queries::document());
    let outcome = runner(6000).run(&cases, |(query, document)| {
        let question = json!({"query": query, "document": document, "order": true});
        let (theirs, error) = theirs(&mut python.borrow_mut(), &question);
        let ours = ours(&query, &document);
        let agree = match (&ours, &theirs) {
            (Ok(ours), Ok(theirs)) => same(ours, theirs),
            (ours, theirs) => ours.is_err() == theirs.is_err(),
        };
        prop_assert!(
            agree || is_deliberate(&query, &ours, &error),
            "{query}\nof {document}\narcbook:     {ours:?}\njmespath.py: {theirs:?} {error}"
        );
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

/// Returns true if the two may differ for a reason in `docs/jmespath.md`.
fn is_deliberate(query: &str, ours: &Answer, error: &str) -> bool {
    let slice_of_element = Regex::new(r"\[-?\d+\]\[[-\d]*:").unwrap();
    // Text and a number have no order for arcbook, and text contains no number.
    error == "TypeError"
        // jmespath.py looks at the first argument of `merge` only.
        || (ours.is_err() && query.contains("merge("))
        // It forgets that a slice begins a projection when it follows an index.
        || slice_of_element.is_match(query)
}

#[test]
fn random_texts_are_queries_for_both() {
    let Some(python) = Python::start("the grammar of queries beside jmespath.py") else { return };
    let python = RefCell::new(python);
    let outcome = runner(20_000).run(&queries::pieces(), |query| {
        let (theirs, error) = theirs(&mut python.borrow_mut(), &json!({"query": query, "parse": true}));
        let ours = Query::parse(&query);
        let stricter = ours.as_ref().is_err_and(|error| is_stricter(&query, &error.message));
        prop_assert!(
            stricter || ours.is_ok() == theirs.is_ok(),
            "{}\narcbook:     {:?}\njmespath.py: {:?} {}",
            query,
            ours.err(),
            theirs,
            error
        );
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

/// Returns true for an error that jmespath.py does not report, or only while it evaluates the query.
fn is_stricter(query: &str, message: &str) -> bool {
    let at_once = ["no function", "argument ", "`&` is only allowed", "backticks enclose JSON"];
    at_once.iter().any(|start| message.starts_with(start))
        || message.contains(" takes ")
        // Its grammar has commas between arguments, and it does not ask for them.
        || query.contains("length(")
        || query.contains("sort_by(")
}

/// Intended differences: the query, the answer of jmespath.py and that of arcbook; `docs/jmespath.md` has the reasons.
const DIFFERENT: &[(&str, Option<&str>, Option<&str>)] = &[
    ("keys({b: a, a: a})", Some(r#"["b", "a"]"#), Some(r#"["a", "b"]"#)),
    ("{b: `1`, a: `2`}.*", Some("[1, 2]"), Some("[2, 1]")),
    ("values(merge({b: `1`}, {a: `2`}))", Some("[1, 2]"), Some("[2, 1]")),
    ("to_string(`[\"é\", 2.0]`)", Some(r#""[\"\\u00e9\",2.0]""#), Some(r#""[\"é\",2]""#)),
    ("'a' < `1`", None, Some("null")),
    ("contains('a1', `1`)", None, Some("false")),
    ("`[1]` == `[true]`", Some("true"), Some("false")),
    ("contains(`[1]`, `true`)", Some("true"), Some("false")),
    ("to_number('1_0')", Some("10"), Some("null")),
    ("to_number('+1')", Some("1"), Some("null")),
    ("sum(`[0.1, 0.2]`) == `0.3`", Some("false"), Some("true")),
    ("`[]`[?length()]", Some("[]"), None),
    ("`[]`[?nope(@)]", Some("[]"), None),
    ("`[[{\"b\": 1}]]`[0][:].b", Some("null"), Some("[1]")),
    ("merge(`{}`, `[]`)", Some("{}"), None),
    ("length('a',)", Some("1"), None),
    ("`[x`", Some(r#""[x""#), None),
    ("a[99999999999]", Some("null"), None),
    ("items(`{\"a\": 1}`)", None, Some(r#"[["a", 1]]"#)),
    ("let $x = `1` in $x", None, Some("1")),
];

#[test]
fn the_differences_are_these() {
    let Some(mut python) = Python::start("differences from jmespath.py") else { return };
    for (query, expected, here) in DIFFERENT {
        let json = |text: &&str| serde_json::from_str(text).expect(text);
        let (theirs, error) = theirs(&mut python, &json!({"query": query, "document": {}}));
        assert_eq!(theirs.ok(), expected.as_ref().map(json), "jmespath.py: {query} {error}");
        assert_eq!(ours(query, &json!({})).ok(), here.as_ref().map(json), "arcbook: {query}");
    }
}
