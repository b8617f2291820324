//! Shows values that may be too long for a cell of a table.

use sha2::{Digest, Sha256};

use crate::plan::plural;
use crate::redact::REPLACEMENT;
use crate::step::shortened_to;
use crate::value::{Data, Value, show_inline};

/// The maximum number of characters of a value in a cell.
const LONGEST: usize = 1000;

/// The maximum number of characters of code that is its own description.
const SHORT: usize = 80;

/// Returns the value on one line; a long one is cut, and then has its digest if it is a text.
pub fn in_cell(value: &Value) -> String {
    let whole = show_inline(value, usize::MAX);
    let cut = shortened_to(LONGEST, &whole);
    match digest(value).filter(|_| cut != whole) {
        Some(digest) => format!("{cut}, sha256 {digest}"),
        None => cut,
    }
}

/// Describes code in a few words: short code itself, and otherwise its size and `length` digits of its digest.
pub fn code(value: &Value, length: usize) -> String {
    let whole = show_inline(value, usize::MAX);
    let (Some(text), Some(digest)) = (text(value), digest(value)) else {
        return if value.has_deep_marks() { whole } else { shortened_to(SHORT, &whole) };
    };
    if whole.chars().count() <= SHORT {
        return whole;
    }
    let end = if length < digest.len() { "…" } else { "" };
    format!("{}, sha256 {}{end}", plural(text.lines().count(), "line"), &digest[..length.min(digest.len())])
}

/// Returns a text that is known and may be shown.
pub fn text(value: &Value) -> Option<&str> {
    match value.data() {
        Data::String(text) if !value.is_marked() => Some(text),
        _ => None,
    }
}

/// Returns the digest of a known text; none of one that hides a secret.
fn digest(value: &Value) -> Option<String> {
    let text = text(value).filter(|text| !text.contains(REPLACEMENT))?;
    Some(format!("{:x}", Sha256::digest(text)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Marks;

    #[test]
    fn a_secret_has_no_digest() {
        let long = "echo x\n".repeat(400);
        let hidden = format!("{long}{REPLACEMENT}");
        let secret = Value::from(&*long).with_marks(&Marks::sensitive("var.x"));
        for (value, has_digest) in
            [(Value::from(&*long), true), (Value::from(&*hidden), false), (secret, false)]
        {
            for shown in [in_cell(&value), code(&value, 64)] {
                assert_eq!(shown.contains("sha256"), has_digest, "{shown}");
            }
        }
        assert!(code(&Value::from(&*long), 8).starts_with("400 lines, sha256 "));
        assert_eq!(code(&Value::from("uptime"), 8), "\"uptime\"");
    }
}
