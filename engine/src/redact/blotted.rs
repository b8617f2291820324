//! Comparing texts that something may be blotted out of.

use super::REPLACEMENT;

/// Whether two texts are the same, as far as they are not blotted out: which secrets were known when a text was written
/// down differs from run to run.
#[must_use]
pub fn may_be_same(one: &str, other: &str) -> bool {
    matches(one, other) || matches(other, one)
}

/// Whether `text` is what `pattern` may be, anything standing where something is blotted out.
fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split(REPLACEMENT);
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    true
}
