//! Computes the known parts of texts made from unknown ones.
//!
//! Other functions, such as `lower` and `replace`, can change any part of a text: their results stay unknown as a
//! whole.

use super::super::arguments::{Arguments, elements, is_open_set};
use crate::value::{Pattern, TextBuilder, TextPart, Value};

/// `join(separator, lists...)`, if the separator and the number of elements are known.
pub(super) fn join(given: &Arguments<'_>) -> Option<Value> {
    let glue = given.value(0).as_str()?;
    let mut text = TextBuilder::default();
    let mut is_first = true;
    for list in given.from(1) {
        let elements = elements(list).filter(|_| !is_open_set(list))?;
        for element in elements.iter() {
            if element.is_null() || text.is_opaque() {
                return None;
            }
            text.push_str(if is_first { "" } else { glue });
            text.push(element);
            is_first = false;
        }
    }
    Some(text.build())
}

/// `startswith(str, prefix)`.
pub(super) fn starts_with(given: &Arguments<'_>) -> Option<Value> {
    let (text, prefix) = known_affix(given)?;
    text.starts_with(prefix).map(Value::from)
}

/// `trimprefix(str, prefix)`.
pub(super) fn trim_prefix(given: &Arguments<'_>) -> Option<Value> {
    let (text, prefix) = known_affix(given)?;
    if !text.starts_with(prefix)? {
        return Some(given.value(0).clone().not_null());
    }
    Some(rebuilt(
        text.parts(),
        |at, known| {
            if at == 0 { known.strip_prefix(prefix).unwrap_or(known) } else { known }
        },
    ))
}

/// `trimsuffix(str, suffix)`.
pub(super) fn trim_suffix(given: &Arguments<'_>) -> Option<Value> {
    let (text, suffix) = known_affix(given)?;
    if !text.ends_with(suffix)? {
        return Some(given.value(0).clone().not_null());
    }
    let last = text.parts().len() - 1;
    Some(rebuilt(
        text.parts(),
        |at, known| {
            if at == last { known.strip_suffix(suffix).unwrap_or(known) } else { known }
        },
    ))
}

/// Returns the pattern of the first argument, and the second one, which must be known.
fn known_affix<'a>(given: &Arguments<'a>) -> Option<(&'a Pattern, &'a str)> {
    given.value(0).pattern().zip(given.value(1).as_str())
}

/// Builds the text again, with each known part changed; the index of the part tells which one it is.
fn rebuilt<'a>(parts: &'a [TextPart], change: impl Fn(usize, &'a str) -> &'a str) -> Value {
    let mut text = TextBuilder::default();
    for (at, part) in parts.iter().enumerate() {
        match part {
            TextPart::Known(known) => text.push_str(change(at, known)),
            TextPart::Unknown(origins, kind) => text.push_unknown(origins, *kind),
        }
    }
    text.build()
}
