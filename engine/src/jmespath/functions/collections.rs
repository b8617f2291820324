//! Implements functions on arrays and objects.

use std::sync::Arc;

use super::super::SearchError;
use super::super::compare::equal;
use super::super::view::View;
use super::arguments::Arguments;
use crate::value::{Data, Entries, Value};

/// Returns whether an array contains an element, or a string a substring.
pub(super) fn contains(arguments: &mut Arguments<'_>) -> Result<Value, SearchError> {
    let (whole, part) = (&arguments.values[0], &arguments.values[1]);
    if let View::Text(whole) = View::of(whole) {
        return Ok(match View::of(part) {
            View::Text(part) => arguments.marked(whole.contains(part)),
            View::Unknown => arguments.unknown().not_null(),
            _ => arguments.marked(false),
        });
    }
    let mut is_known = true;
    for element in arguments.elements(0) {
        match equal(element, part, &mut arguments.search.budget)? {
            Some(true) => return Ok(arguments.marked(true)),
            Some(false) => {}
            None => is_known = false,
        }
    }
    Ok(if is_known { arguments.marked(false) } else { arguments.unknown().not_null() })
}

pub(super) fn keys(arguments: &mut Arguments<'_>) -> Result<Value, SearchError> {
    let names = arguments.entries(0).into_iter().flat_map(|entries| entries.keys());
    let names = names.map(|name| Value::new(Data::String(Arc::clone(name))));
    Ok(Value::tuple(names).with_marks(arguments.own_marks(0)))
}

pub(super) fn values(arguments: &mut Arguments<'_>) -> Result<Value, SearchError> {
    let values = arguments.entries(0).into_iter().flat_map(|entries| entries.values()).cloned();
    Ok(Value::tuple(values).with_marks(arguments.own_marks(0)))
}

/// Returns the number of elements, entries, or Unicode code points.
pub(super) fn length(arguments: &mut Arguments<'_>) -> Result<Value, SearchError> {
    let length = match View::of(&arguments.values[0]) {
        View::Text(text) => text.chars().count(),
        View::Array(elements) => elements.len(),
        View::Object(entries) => entries.len(),
        _ => 0,
    };
    Ok(Value::from(length).with_marks(arguments.own_marks(0)))
}

/// Evaluates the expression for each element; nulls are kept.
pub(super) fn map(arguments: &mut Arguments<'_>) -> Result<Value, SearchError> {
    let marks = arguments.own_marks(0);
    let mut results = Vec::new();
    for element in arguments.elements(0) {
        results.push(arguments.evaluate(&element.clone().with_marks(marks))?);
    }
    Ok(Value::tuple(results).with_marks(marks))
}

/// Merges all entries into one object; of equal names the last takes precedence.
pub(super) fn merge(arguments: &mut Arguments<'_>) -> Result<Value, SearchError> {
    let mut merged = Entries::new();
    let mut marks = arguments.own_marks(0).clone();
    for at in 0..arguments.values.len() {
        marks.add(arguments.own_marks(at));
        let entries = arguments.entries(at).into_iter().flatten();
        merged.extend(entries.map(|(name, value)| (Arc::clone(name), value.clone())));
    }
    Ok(Value::object(merged).with_marks(&marks))
}

/// Reverses the elements of an array or the characters of a string.
pub(super) fn reverse(arguments: &mut Arguments<'_>) -> Result<Value, SearchError> {
    let reversed = match View::of(&arguments.values[0]) {
        View::Text(text) => Value::from(text.chars().rev().collect::<String>()),
        _ => Value::tuple(arguments.elements(0).iter().rev().cloned()),
    };
    Ok(reversed.with_marks(arguments.own_marks(0)))
}
