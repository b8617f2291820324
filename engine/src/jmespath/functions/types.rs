//! Implements functions on types.

use super::super::SearchError;
use super::super::view::View;
use super::arguments::Arguments;
use crate::value::{Data, Number, Type, Value};

pub(super) fn type_name(arguments: &mut Arguments<'_>) -> Result<Value, SearchError> {
    let value = &arguments.values[0];
    Ok(match View::of(value).type_name() {
        Some(name) => Value::from(name).with_marks(value.marks()),
        None => arguments.unknown().not_null(),
    })
}

/// Returns the first argument that is not null.
pub(super) fn not_null(arguments: &mut Arguments<'_>) -> Result<Value, SearchError> {
    let mut marks = arguments.own_marks(0).clone();
    for value in arguments.values {
        marks.add(value.marks());
        match value.data() {
            Data::Null(_) => {}
            Data::Unknown(unknown) if !unknown.not_null => return Ok(arguments.unknown()),
            _ => return Ok(value.clone().with_marks(&marks)),
        }
    }
    Ok(Value::NULL.with_marks(&marks))
}

/// Returns an array unchanged; wraps any other value in an array.
pub(super) fn to_array(arguments: &mut Arguments<'_>) -> Result<Value, SearchError> {
    let value = &arguments.values[0];
    Ok(match View::of(value) {
        View::Array(_) => value.clone(),
        View::Unknown => arguments.unknown().not_null(),
        _ => Value::tuple([value.clone()]),
    })
}

/// Returns a number unchanged, and a string that is a JSON number as that number; otherwise null.
pub(super) fn to_number(arguments: &mut Arguments<'_>) -> Result<Value, SearchError> {
    let value = &arguments.values[0];
    Ok(match View::of(value) {
        View::Number(_) => value.clone(),
        View::Text(text) => arguments.marked(parsed(text).map_or(Value::NULL, Value::from)),
        View::Unknown if matches!(value.ty(), Type::Any | Type::Number | Type::String) => arguments.unknown(),
        _ => Value::NULL.with_marks(value.marks()),
    })
}

fn parsed(text: &str) -> Option<Number> {
    serde_json::from_str::<serde_json::Number>(text).ok()?;
    text.trim().parse().ok()
}

/// Returns a string unchanged; any other value as compact JSON.
pub(super) fn to_string(arguments: &mut Arguments<'_>) -> Result<Value, SearchError> {
    let value = &arguments.values[0];
    if value.as_str().is_some() {
        return Ok(value.clone());
    }
    if !value.is_wholly_known() {
        return Ok(arguments.unknown().not_null());
    }
    let json =
        value.to_json().map_err(|error| arguments.error(&format!("cannot write its argument: {error}")))?;
    let text = json.to_string();
    // Each conversion may double the escapes of a string.
    arguments.search.budget.spend_text(text.len())?;
    Ok(arguments.marked(text))
}
