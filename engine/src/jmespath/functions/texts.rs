//! Implements string functions.

use super::super::SearchError;
use super::arguments::Arguments;
use crate::value::Value;

pub(super) fn ends_with(arguments: &mut Arguments<'_>) -> Result<Value, SearchError> {
    Ok(arguments.marked(arguments.text(0).ends_with(arguments.text(1))))
}

pub(super) fn starts_with(arguments: &mut Arguments<'_>) -> Result<Value, SearchError> {
    Ok(arguments.marked(arguments.text(0).starts_with(arguments.text(1))))
}

pub(super) fn lower(arguments: &mut Arguments<'_>) -> Result<Value, SearchError> {
    Ok(arguments.marked(arguments.text(0).to_lowercase()))
}

pub(super) fn upper(arguments: &mut Arguments<'_>) -> Result<Value, SearchError> {
    Ok(arguments.marked(arguments.text(0).to_uppercase()))
}

pub(super) fn join(arguments: &mut Arguments<'_>) -> Result<Value, SearchError> {
    let glue = arguments.text(0);
    let texts: Vec<_> = arguments.elements(1).iter().filter_map(Value::as_str).collect();
    // The strings are paid for already, but not the repeated separator.
    arguments.search.budget.spend_text(glue.len().saturating_mul(texts.len()))?;
    Ok(arguments.marked(texts.join(glue)))
}

/// Splits by the separator, or into characters if it is empty; the rest after `count` splits is the last
/// part.
pub(super) fn split(arguments: &mut Arguments<'_>) -> Result<Value, SearchError> {
    let (text, separator) = (arguments.text(0), arguments.text(1));
    let count = arguments.count(2)?.unwrap_or(usize::MAX);
    let parts: Vec<_> = if separator.is_empty() {
        characters(text, count)
    } else {
        text.splitn(count.saturating_add(1), separator).collect()
    };
    arguments.search.budget.spend(parts.len())?;
    Ok(arguments.marked(Value::tuple(parts.into_iter().map(Value::from))))
}

/// Returns the first `count` characters, followed by the rest; nothing for an empty string.
fn characters(text: &str, count: usize) -> Vec<&str> {
    if text.is_empty() {
        return Vec::new();
    }
    let mut borders = text.char_indices().map(|(at, _)| at).skip(1).take(count);
    let mut start = 0;
    let mut parts: Vec<_> = std::iter::from_fn(|| {
        let end = borders.next()?;
        Some(&text[std::mem::replace(&mut start, end)..end])
    })
    .collect();
    parts.push(&text[start..]);
    parts
}

/// Replaces a substring, everywhere or up to a number of times.
pub(super) fn replace(arguments: &mut Arguments<'_>) -> Result<Value, SearchError> {
    let (text, old, new) = (arguments.text(0), arguments.text(1), arguments.text(2));
    let count = arguments.count(3)?.unwrap_or(usize::MAX);
    let times = text.matches(old).take(count).count();
    // The string is paid for already, but not the repeated replacement.
    arguments.search.budget.spend_text(new.len().saturating_mul(times))?;
    Ok(arguments.marked(text.replacen(old, new, count)))
}

pub(super) fn pad_left(arguments: &mut Arguments<'_>) -> Result<Value, SearchError> {
    let padding = padding(arguments)?;
    Ok(arguments.marked(padding + arguments.text(0)))
}

pub(super) fn pad_right(arguments: &mut Arguments<'_>) -> Result<Value, SearchError> {
    let padding = padding(arguments)?;
    Ok(arguments.marked(arguments.text(0).to_owned() + &padding))
}

/// Returns the padding up to the width: spaces, or the character in the third argument.
fn padding(arguments: &mut Arguments<'_>) -> Result<String, SearchError> {
    let width = arguments.count(1)?.unwrap_or_default();
    let pad = if arguments.values.len() > 2 { arguments.text(2) } else { " " };
    if pad.chars().count() != 1 {
        return Err(arguments.error("pads with one character, so argument 3 is a string of one character"));
    }
    let missing = width.saturating_sub(arguments.text(0).chars().count());
    arguments.search.budget.spend_text(missing.saturating_mul(pad.len()))?;
    Ok(pad.repeat(missing))
}
