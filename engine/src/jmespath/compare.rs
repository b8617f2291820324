//! Compares values.

use std::cmp::Ordering;

use jmespath::ast::Comparator;

use super::SearchError;
use super::budget::Budget;
use super::view::View;
use crate::value::{Type, Value};

/// Evaluates a comparison: to a bool, or to null if the operands of an ordering are not two numbers or two
/// strings.
///
/// The specification orders numbers only. The Azure command line orders strings too, and queries for dates rely
/// on it.
pub(super) fn compare(
    comparator: &Comparator,
    a: &Value,
    b: &Value,
    budget: &mut Budget,
) -> Result<Value, SearchError> {
    let traits = budget.traits_of([a, b])?;
    let unknown = || traits.unknown(Type::Bool);
    let known = |value: bool| Value::from(value).with_marks(&traits.marks);
    let matches: fn(Ordering) -> bool = match comparator {
        Comparator::Equal => return Ok(equal(a, b, budget)?.map_or_else(|| unknown().not_null(), known)),
        Comparator::NotEqual => {
            return Ok(equal(a, b, budget)?.map_or_else(|| unknown().not_null(), |equal| known(!equal)));
        }
        Comparator::LessThan => Ordering::is_lt,
        Comparator::LessThanEqual => Ordering::is_le,
        Comparator::GreaterThan => Ordering::is_gt,
        Comparator::GreaterThanEqual => Ordering::is_ge,
    };
    Ok(match (View::of(a), View::of(b)) {
        (View::Number(a), View::Number(b)) => known(matches(a.cmp(b))),
        (View::Text(a), View::Text(b)) => known(matches(a.cmp(b))),
        (View::Unknown, View::Unknown | View::Number(_) | View::Text(_))
        | (View::Number(_) | View::Text(_), View::Unknown) => unknown(),
        _ => Value::NULL.with_marks(&traits.marks),
    })
}

/// Returns whether two values are the same JSON; none if that is unknown.
pub(super) fn equal(a: &Value, b: &Value, budget: &mut Budget) -> Result<Option<bool>, SearchError> {
    budget.spend(1)?;
    Ok(match (View::of(a), View::of(b)) {
        (View::Unknown, _) | (_, View::Unknown) => None,
        (View::Null, View::Null) => Some(true),
        (View::Bool(a), View::Bool(b)) => Some(a == b),
        (View::Number(a), View::Number(b)) => Some(a == b),
        (View::Text(a), View::Text(b)) => Some(a == b),
        (View::Array(a), View::Array(b)) if a.len() == b.len() => all(a.iter().zip(b), budget)?,
        (View::Object(a), View::Object(b)) if a.keys().eq(b.keys()) => {
            all(a.values().zip(b.values()), budget)?
        }
        _ => Some(false),
    })
}

/// Returns false if any pair differs, even if others are unknown.
fn all<'a>(
    pairs: impl Iterator<Item = (&'a Value, &'a Value)>,
    budget: &mut Budget,
) -> Result<Option<bool>, SearchError> {
    let mut result = Some(true);
    for (a, b) in pairs {
        match equal(a, b, budget)? {
            Some(true) => {}
            Some(false) => return Ok(Some(false)),
            None => result = None,
        }
    }
    Ok(result)
}
