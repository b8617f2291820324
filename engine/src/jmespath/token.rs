//! Splits a query into tokens.

use std::ops::Range;

/// The effect of a token on the nesting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// An opening bracket.
    Open,
    /// A closing bracket.
    Close,
    /// A separator within a bracket.
    Comma,
    /// An operator that joins expressions into a deeper one.
    Operator,
    /// Names, literals, numbers, colons, and invalid text.
    Other,
}

pub(super) fn tokens(text: &str) -> impl Iterator<Item = (Range<usize>, Kind)> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        at += text[at..].len() - text[at..].trim_start_matches([' ', '\n', '\t', '\r']).len();
        let start = at;
        at += length(&text[start..])?;
        Some((start..at, kind(&text[start..at])))
    })
}

/// Returns the range of the token at `offset`; empty at the end of the text.
pub(super) fn token_at(text: &str, offset: usize) -> Range<usize> {
    let rest = text.get(offset..).unwrap_or_default();
    let start = text.len() - rest.len();
    start..start + length(rest).unwrap_or_default()
}

/// Returns true if the token is a variable, such as `$x`.
pub(super) fn is_variable(token: &str) -> bool {
    token.len() > 1 && token.starts_with('$')
}

/// Returns the length in bytes of the token at the start of `text`; none at the end.
fn length(text: &str) -> Option<usize> {
    let first = text.chars().next()?;
    let rest = &text[first.len_utf8()..];
    let run = |is_part: fn(char) -> bool| 1 + rest.find(|c| !is_part(c)).unwrap_or(rest.len());
    Some(match first {
        _ if text.starts_with("[*]") => 3,
        '"' | '\'' | '`' => quoted(text, first),
        'a'..='z' | 'A'..='Z' | '_' => run(|c| c.is_ascii_alphanumeric() || c == '_'),
        '$' if rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') => {
            run(|c| c.is_ascii_alphanumeric() || c == '_')
        }
        '0'..='9' | '-' => run(|c| c.is_ascii_digit()),
        _ if ["||", "&&", "==", "!=", "<=", ">=", "[]", "[?"].iter().any(|pair| text.starts_with(pair)) => 2,
        _ => first.len_utf8(),
    })
}

/// Returns the length in bytes up to the closing quote, or to the end without one.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn kind(token: &str) -> Kind {
    match token {
        "(" | "[" | "[?" | "{" => Kind::Open,
        ")" | "]" | "}" => Kind::Close,
        "," => Kind::Comma,
        "." | "*" | "[*]" | "[]" | "|" | "||" | "&" | "&&" | "!" | "==" | "!=" | "<" | "<=" | ">" | ">=" => {
            Kind::Operator
        }
        _ => Kind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn borders_are_those_of_the_parser() {
        let cases = [
            ("a.b[0][*]", vec!["a", ".", "b", "[", "0", "]", "[*]"]),
            ("[?a=='x]\\'']|[]", vec!["[?", "a", "==", "'x]\\''", "]", "|", "[]"]),
            (" `{\"a\": 1}` ü", vec!["`{\"a\": 1}`", "ü"]),
            ("\"open", vec!["\"open"]),
            ("a[-12:]", vec!["a", "[", "-12", ":", "]"]),
            ("let $x_1=$ in", vec!["let", "$x_1", "=", "$", "in"]),
            ("", vec![]),
        ];
        for (text, expected) in cases {
            let found: Vec<_> = tokens(text).map(|(range, _)| &text[range]).collect();
            assert_eq!(found, expected);
        }
        assert_eq!((token_at("a == b", 2), token_at("a", 1), token_at("a", 9)), (2..4, 1..1, 1..1));
    }
}
