//! Quotes words for a shell.

/// Quotes text as one word for a shell.
pub fn quoted(text: &str) -> String {
    let plain = |next: char| next.is_alphanumeric() || "-_./=:…".contains(next);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}
