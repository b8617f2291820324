//! Implements numeric functions.

use super::super::SearchError;
use super::super::view::View;
use super::arguments::Arguments;
use crate::value::{Number, NumberError, Value};

pub(super) fn abs(arguments: &mut Arguments<'_>) -> Result<Value, SearchError> {
    Ok(arguments.marked(arguments.number(0).abs()))
}

pub(super) fn ceil(arguments: &mut Arguments<'_>) -> Result<Value, SearchError> {
    Ok(arguments.marked(arguments.number(0).ceil()))
}

pub(super) fn floor(arguments: &mut Arguments<'_>) -> Result<Value, SearchError> {
    Ok(arguments.marked(arguments.number(0).floor()))
}

pub(super) fn sum(arguments: &mut Arguments<'_>) -> Result<Value, SearchError> {
    arguments.result(total(arguments.elements(0)))
}

/// Returns the mean; null for an empty array.
pub(super) fn avg(arguments: &mut Arguments<'_>) -> Result<Value, SearchError> {
    let numbers = arguments.elements(0);
    if numbers.is_empty() {
        return Ok(arguments.marked(Value::NULL));
    }
    arguments.result(total(numbers).and_then(|sum| sum.div(&numbers.len().into())))
}

fn total(numbers: &[Value]) -> Result<Number, NumberError> {
    numbers.iter().try_fold(Number::ZERO, |sum, value| match View::of(value) {
        View::Number(number) => sum.add(number),
        _ => Ok(sum),
    })
}
