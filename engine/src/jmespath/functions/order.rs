//! Implements functions that order values.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::SearchError;
use super::super::budget::Traits;
use super::super::view::View;
use super::arguments::Arguments;
use super::described::described;
use crate::value::{Data, Value};

/// Sorts the values; the sort is stable.
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

/// Sorts the elements by the result of the expression.
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

/// Groups the elements by the string that the expression returns; those with null are left out.
pub(super) fn group_by(arguments: &mut Arguments<'_>) -> Result<Value, SearchError> {
    let is_key = |name: &str| matches!(name, "string" | "null");
    let keyed = keyed(arguments, |name| if is_key(name) { Ok(()) } else { Err("string or null") })?;
    keyed.made(arguments, |pairs| {
        let mut groups: BTreeMap<Arc<str>, Vec<Value>> = BTreeMap::new();
        for (key, element) in pairs {
            if let Data::String(name) = key.data() {
                groups.entry(Arc::clone(name)).or_default().push(element.clone());
            }
        }
        Value::object(groups.into_iter().map(|(name, elements)| (name, Value::tuple(elements))))
    })
}

/// Applies `pick` to the elements and their keys, which must be all numbers or all strings.
fn by_key(
    arguments: &mut Arguments<'_>,
    pick: impl FnOnce(&[(Value, Value)]) -> Value,
) -> Result<Value, SearchError> {
    let mut sort = None;
    let keyed = keyed(arguments, |name| match name {
        "number" | "string" if sort.is_none_or(|sort| sort == name) => {
            sort = Some(name);
            Ok(())
        }
        _ => Err(sort.unwrap_or("number or a string")),
    })?;
    keyed.made(arguments, pick)
}

/// Elements, each after its key.
struct Keyed {
    pairs: Vec<(Value, Value)>,
    /// The traits of the keys, which determine the result.
    traits: Traits,
    is_known: bool,
}

/// Evaluates the expression for each element; the error of `check` is the expected type.
fn keyed(
    arguments: &mut Arguments<'_>,
    mut check: impl FnMut(&'static str) -> Result<(), &'static str>,
) -> Result<Keyed, SearchError> {
    let marks = arguments.own_marks(0);
    let traits = Traits { marks: marks.clone(), ..Traits::default() };
    let mut keyed = Keyed { pairs: Vec::new(), traits, is_known: true };
    for element in arguments.elements(0) {
        let element = element.clone().with_marks(marks);
        let key = arguments.evaluate(&element)?;
        keyed.traits.add(&Traits::of(&key));
        match View::of(&key).type_name().map(&mut check) {
            Some(Ok(())) => {}
            None => keyed.is_known = false,
            Some(Err(wanted)) => {
                let found = described(&key);
                let message =
                    format!("needs a {wanted} from its expression for each element, but got {found}");
                return Err(arguments.error(&message));
            }
        }
        keyed.pairs.push((key, element));
    }
    Ok(keyed)
}

impl Keyed {
    /// Returns the result of `make` with the marks of the keys; unknown if a key is.
    fn made(
        self,
        arguments: &Arguments<'_>,
        make: impl FnOnce(&[(Value, Value)]) -> Value,
    ) -> Result<Value, SearchError> {
        Ok(if self.is_known {
            make(&self.pairs).with_marks(&self.traits.marks)
        } else {
            arguments.unknown_with(&self.traits)
        })
    }
}

/// Returns the first value with the extreme key in that direction; null if there are none.
fn extreme<'a>(keyed: impl Iterator<Item = (&'a Value, &'a Value)>, direction: Ordering) -> Value {
    let best = keyed.reduce(|best, next| if order(next.0, best.0) == direction { next } else { best });
    best.map_or(Value::NULL, |(_, value)| value.clone())
}

/// Compares numbers by size, and strings by code points.
fn order(a: &Value, b: &Value) -> Ordering {
    match (View::of(a), View::of(b)) {
        (View::Number(a), View::Number(b)) => a.cmp(b),
        (View::Text(a), View::Text(b)) => a.cmp(b),
        _ => Ordering::Equal,
    }
}
