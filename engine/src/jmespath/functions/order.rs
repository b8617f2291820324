//! Functions that put values into an order.

use std::cmp::Ordering;

use super::super::SearchError;
use super::super::budget::Traits;
use super::super::view::View;
use super::call::{Arguments, described};
use crate::value::Value;

/// The order of the values themselves; what came first stays first among equals.
pub(super) fn sort(arguments: &mut Arguments<'_>) -> Result<Value, SearchError> {
    let mut elements = arguments.elements(0).to_vec();
    elements.sort_by(order);
    Ok(arguments.marked(Value::tuple(elements)))
}

pub(super) fn max(arguments: &mut Arguments<'_>) -> Result<Value, SearchError> {
    Ok(arguments.marked(extreme(arguments.elements(0).iter().map(|value| (value, value)), Ordering::Greater)))
}

pub(super) fn min(arguments: &mut Arguments<'_>) -> Result<Value, SearchError> {
    Ok(arguments.marked(extreme(arguments.elements(0).iter().map(|value| (value, value)), Ordering::Less)))
}

/// The order of what the expression makes of the elements.
pub(super) fn sort_by(arguments: &mut Arguments<'_>) -> Result<Value, SearchError> {
    by_key(arguments, |keyed| {
        let mut keyed = keyed.to_vec();
        keyed.sort_by(|a, b| order(&a.0, &b.0));
        Value::tuple(keyed.into_iter().map(|(_, value)| value))
    })
}

pub(super) fn max_by(arguments: &mut Arguments<'_>) -> Result<Value, SearchError> {
    by_key(arguments, |keyed| extreme(keyed.iter().map(|(key, value)| (key, value)), Ordering::Greater))
}

pub(super) fn min_by(arguments: &mut Arguments<'_>) -> Result<Value, SearchError> {
    by_key(arguments, |keyed| extreme(keyed.iter().map(|(key, value)| (key, value)), Ordering::Less))
}

/// What `pick` makes of the elements and their keys, which must be all numbers or all strings. The keys mark the
/// result, since they decide it.
fn by_key(
    arguments: &mut Arguments<'_>,
    pick: impl FnOnce(&[(Value, Value)]) -> Value,
) -> Result<Value, SearchError> {
    let marks = arguments.own_marks(0);
    let mut keyed = Vec::new();
    let mut traits = Traits { marks: marks.clone(), ..Traits::default() };
    let mut is_known = true;
    let mut sort = None;
    for element in arguments.elements(0) {
        let element = element.clone().with_marks(marks);
        let key = arguments.evaluate(&element)?;
        traits = traits.union(&Traits::of(&key));
        match View::of(&key).type_name() {
            None => is_known = false,
            Some(name @ ("number" | "string")) if sort.is_none_or(|sort| sort == name) => sort = Some(name),
            Some(_) => {
                let before = sort.unwrap_or("number or a string");
                let found = described(&key);
                let message =
                    format!("needs a {before} from its expression for each element, but got {found}");
                return Err(arguments.error(&message));
            }
        }
        keyed.push((key, element));
    }
    Ok(if is_known { pick(&keyed).with_marks(&traits.marks) } else { arguments.unknown_with(&traits) })
}

/// The first of the values whose key comes last in the direction; null when there is none.
fn extreme<'a>(keyed: impl Iterator<Item = (&'a Value, &'a Value)>, direction: Ordering) -> Value {
    let best = keyed.reduce(|best, next| if order(next.0, best.0) == direction { next } else { best });
    best.map_or(Value::NULL, |(_, value)| value.clone())
}

/// Numbers by size, texts by code points.
fn order(a: &Value, b: &Value) -> Ordering {
    match (View::of(a), View::of(b)) {
        (View::Number(a), View::Number(b)) => a.cmp(b),
        (View::Text(a), View::Text(b)) => a.cmp(b),
        _ => Ordering::Equal,
    }
}
