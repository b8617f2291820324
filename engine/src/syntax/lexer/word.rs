//! Reads names, numbers and operators.

use crate::diagnostic::is_hidden;

pub(super) fn number_length(rest: &str) -> usize {
    let digits = |at: usize| rest[at..].bytes().take_while(u8::is_ascii_digit).count();
    let mut length = digits(0);
    if rest[length..].starts_with('.') && digits(length + 1) > 0 {
        length += 1 + digits(length + 1);
    }
    if rest[length..].starts_with(['e', 'E']) {
        let sign = usize::from(rest[length + 1..].starts_with(['+', '-']));
        let exponent = digits(length + 1 + sign);
        if exponent > 0 {
            length += 1 + sign + exponent;
        }
    }
    length
}

pub(super) fn operator(rest: &str) -> Option<&'static str> {
    const OPERATORS: [&str; 22] = [
        "...", "==", "!=", "<=", ">=", "&&", "||", "=>", "::", "=", "!", "<", ">", "+", "-", "*", "/", "%",
        "?", ":", ",", ".",
    ];
    OPERATORS.into_iter().find(|operator| rest.starts_with(operator))
}

/// Returns true if `c` can begin an identifier.
pub(in crate::syntax) fn is_identifier_start(c: char) -> bool {
    if c.is_ascii() {
        c.is_ascii_alphabetic() || c == '_'
    } else {
        unicode_ident::is_xid_start(c) && !is_hidden(c)
    }
}

/// Returns true if `c` can continue an identifier.
pub(in crate::syntax) fn is_identifier_part(c: char) -> bool {
    if c.is_ascii() {
        c.is_ascii_alphanumeric() || c == '_' || c == '-'
    } else {
        unicode_ident::is_xid_continue(c) && !is_hidden(c)
    }
}

/// Returns true if `name` is an identifier of the language.
#[must_use]
pub fn is_identifier(name: &str) -> bool {
    name.starts_with(is_identifier_start) && name.chars().all(is_identifier_part)
}
