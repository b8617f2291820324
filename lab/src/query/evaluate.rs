//! Evaluates the expressions of a query on one row.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::functions::{call, text};
use super::syntax::{Comparison, Expression};

/// A row: its columns by name, in order.
pub(crate) type Row = Map<String, Value>;

/// Returns the value of an expression; null where a row lacks a column or a member.
pub(super) fn value(expression: &Expression, row: &Row) -> Value {
    match expression {
        Expression::Literal(value) => value.clone(),
        Expression::Name(name) => row.get(name).cloned().unwrap_or_default(),
        Expression::Member(of, name) => member(&value(of, row), name),
        Expression::Index(of, index) => match value(index, row) {
            Value::String(name) => member(&value(of, row), &name),
            Value::Number(index) => {
                let at = index.as_f64().and_then(|at| format!("{at:.0}").parse::<usize>().ok());
                at.and_then(|at| value(of, row).get(at).cloned()).unwrap_or_default()
            }
            _ => Value::Null,
        },
        Expression::Call(name, arguments) => {
            let arguments: Vec<Value> = arguments.iter().map(|argument| value(argument, row)).collect();
            call(name, &arguments)
        }
        Expression::Compare(comparison, left, right) => {
            holds(*comparison, &value(left, row), &value(right, row)).into()
        }
        Expression::In(comparison, left, items) => {
            let left = value(left, row);
            items.iter().any(|item| holds(*comparison, &left, &value(item, row))).into()
        }
        Expression::Not(inner) => (!is_true(inner, row)).into(),
        Expression::All(conditions) => conditions.iter().all(|condition| is_true(condition, row)).into(),
        Expression::Any(conditions) => conditions.iter().any(|condition| is_true(condition, row)).into(),
    }
}

/// Returns whether a condition holds for a row.
pub(super) fn is_true(expression: &Expression, row: &Row) -> bool {
    value(expression, row) == Value::Bool(true)
}

fn member(of: &Value, name: &str) -> Value {
    of.get(name).cloned().unwrap_or_default()
}

fn holds(comparison: Comparison, left: &Value, right: &Value) -> bool {
    let lower = |value: &Value| text(value).to_lowercase();
    match comparison {
        Comparison::Equal => order(left, right) == Ordering::Equal,
        Comparison::EqualIgnoringCase => lower(left) == lower(right),
        Comparison::Less => order(left, right) == Ordering::Less,
        Comparison::LessOrEqual => order(left, right) != Ordering::Greater,
        Comparison::Greater => order(left, right) == Ordering::Greater,
        Comparison::GreaterOrEqual => order(left, right) != Ordering::Less,
        Comparison::Contains => lower(left).contains(&lower(right)),
        Comparison::StartsWith => lower(left).starts_with(&lower(right)),
        Comparison::EndsWith => lower(left).ends_with(&lower(right)),
        Comparison::Has => has(&lower(left), &lower(right)),
    }
}

/// Returns whether a text has a word: letters and digits between other characters.
fn has(text: &str, word: &str) -> bool {
    let ends = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
    let whole = |(at, found): (usize, &str)| {
        ends(text[..at].chars().next_back()) && ends(text[at + found.len()..].chars().next())
    };
    text.match_indices(word).any(whole)
}

/// Orders two values: numbers by size, everything else as texts. Null comes first.
pub(super) fn order(left: &Value, right: &Value) -> Ordering {
    match (left.as_f64(), right.as_f64()) {
        (Some(left), Some(right)) => left.total_cmp(&right),
        _ => text(left).cmp(&text(right)),
    }
}
