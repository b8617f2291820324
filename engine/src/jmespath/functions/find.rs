//! Implements functions that find substrings.

use std::ops::Range;

use super::super::SearchError;
use super::arguments::Arguments;
use crate::value::Value;

pub(super) fn first(arguments: &mut Arguments<'_>) -> Result<Value, SearchError> {
    find(arguments, |text, part| text.find(part))
}

pub(super) fn last(arguments: &mut Arguments<'_>) -> Result<Value, SearchError> {
    find(arguments, |text, part| text.rfind(part))
}

/// Returns the index, in characters, of a substring within a range of characters; an empty substring is never
/// found.
fn find(
    arguments: &mut Arguments<'_>,
    look: impl FnOnce(&str, &str) -> Option<usize>,
) -> Result<Value, SearchError> {
    let (text, part) = (arguments.text(0), arguments.text(1));
    let window = window(arguments, text)?;
    let found = if part.is_empty() { None } else { look(&text[window.clone()], part) };
    let index = found.map(|at| text[..window.start + at].chars().count());
    Ok(arguments.marked(index.map_or(Value::NULL, Value::from)))
}

/// Converts the start and end, as indexes of characters, to a range of bytes; negative indexes count from the
/// end.
fn window(arguments: &Arguments<'_>, text: &str) -> Result<Range<usize>, SearchError> {
    let length = text.chars().count();
    let byte = |at: usize, default: usize| -> Result<usize, SearchError> {
        let Some(index) = arguments.integer(at)? else { return Ok(default) };
        let index =
            if index < 0 { index.saturating_add(i64::try_from(length).unwrap_or(i64::MAX)) } else { index };
        let index = usize::try_from(index.max(0)).unwrap_or(usize::MAX);
        Ok(text.char_indices().nth(index).map_or(text.len(), |(byte, _)| byte))
    };
    let (start, end) = (byte(2, 0)?, byte(3, text.len())?);
    Ok(start.min(end)..end)
}
