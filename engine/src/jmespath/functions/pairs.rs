//! Implements functions on pairs.

use std::sync::Arc;

use super::super::SearchError;
use super::super::budget::Traits;
use super::super::view::View;
use super::arguments::Arguments;
use super::described::described;
use crate::value::{Data, Value};

/// Returns the pairs of name and value, in the order of the names.
pub(super) fn items(arguments: &mut Arguments<'_>) -> Result<Value, SearchError> {
    let entries = arguments.entries(0).into_iter().flatten();
    let pairs = entries
        .map(|(name, value)| Value::tuple([Value::new(Data::String(Arc::clone(name))), value.clone()]));
    Ok(Value::tuple(pairs).with_marks(arguments.own_marks(0)))
}

/// Returns the object of the pairs. Its names depend on the pairs and their first elements, not on the
/// values.
pub(super) fn from_items(arguments: &mut Arguments<'_>) -> Result<Value, SearchError> {
    let mut decided = Traits { marks: arguments.own_marks(0).clone(), ..Traits::default() };
    let mut is_known = true;
    let mut entries = Vec::new();
    for pair in arguments.elements(0) {
        decided.add(&Traits::of(pair));
        let (name, value) = match View::of(pair) {
            View::Array([name, value]) => (name, value),
            View::Unknown => {
                is_known = false;
                continue;
            }
            _ => return Err(no_pair(arguments, pair)),
        };
        decided.add(&Traits::of(name));
        match name.data() {
            Data::String(name) => entries.push((Arc::clone(name), value.clone())),
            Data::Unknown(_) => is_known = false,
            _ => return Err(no_pair(arguments, pair)),
        }
    }
    Ok(if is_known {
        Value::object(entries).with_marks(&decided.marks)
    } else {
        arguments.unknown_with(&decided).not_null()
    })
}

fn no_pair(arguments: &Arguments<'_>, found: &Value) -> SearchError {
    let found = match View::of(found) {
        View::Array(elements) if elements.len() != 2 => format!("an array of {}", elements.len()),
        _ => described(found),
    };
    arguments.error(&format!("needs pairs of a string and a value, but got {found}"))
}

/// Returns arrays of the first elements, the second ones, and so on up to the end of the shortest array.
pub(super) fn zip(arguments: &mut Arguments<'_>) -> Result<Value, SearchError> {
    let arrays: Vec<_> = (0..arguments.values.len()).map(|at| arguments.elements(at)).collect();
    let shortest = arrays.iter().map(|array| array.len()).min().unwrap_or_default();
    let rows = (0..shortest).map(|at| Value::tuple(arrays.iter().map(|array| array[at].clone())));
    let rows = Value::tuple(rows);
    Ok(rows.with_marks(&arguments.values.iter().map(|array| array.marks().clone()).collect()))
}
