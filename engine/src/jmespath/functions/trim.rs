//! Implements functions that trim strings.

use std::collections::BTreeSet;

use super::super::SearchError;
use super::arguments::Arguments;
use crate::value::Value;

pub(super) fn both(arguments: &mut Arguments<'_>) -> Result<Value, SearchError> {
    Ok(trimmed(arguments, |text, is_cut| text.trim_matches(is_cut)))
}

pub(super) fn left(arguments: &mut Arguments<'_>) -> Result<Value, SearchError> {
    Ok(trimmed(arguments, |text, is_cut| text.trim_start_matches(is_cut)))
}

pub(super) fn right(arguments: &mut Arguments<'_>) -> Result<Value, SearchError> {
    Ok(trimmed(arguments, |text, is_cut| text.trim_end_matches(is_cut)))
}

/// Trims the characters in the second argument, or whitespace without one.
fn trimmed(
    arguments: &Arguments<'_>,
    cut: impl for<'a> FnOnce(&'a str, &dyn Fn(char) -> bool) -> &'a str,
) -> Value {
    let characters: BTreeSet<char> = arguments.text(1).chars().collect();
    let is_cut = |c: char| if characters.is_empty() { c.is_whitespace() } else { characters.contains(&c) };
    arguments.marked(cut(arguments.text(0), &is_cut))
}
