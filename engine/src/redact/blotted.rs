//! Compares texts that may be redacted.

use super::REPLACEMENT;

/// Returns true if two texts are the same, as far as they are not redacted: redaction depends on the secrets
/// known at the time, which differ from run to run.
#[must_use]
pub fn may_be_same(one: &str, other: &str) -> bool {
    matches(one, other) || matches(other, one)
}

/// Returns true if `text` matches `pattern`, in which a redacted part matches anything.
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
