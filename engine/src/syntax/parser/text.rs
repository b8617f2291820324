//! Resolves escapes.

use std::ops::Range;

use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};

/// Returns the text in `range` of the file, between quotes.
pub(in crate::syntax) fn quoted_text(
    text: &str,
    file: FileId,
    range: Range<usize>,
) -> Result<String, Box<Diagnostic>> {
    let written = text.get(range.clone()).unwrap_or_default();
    let mut plain = String::with_capacity(written.len());
    let mut at = 0;
    while let Some(c) = written[at..].chars().next() {
        let rest = &written[at..];
        let length = if let Some(marker) = doubled_marker(rest) {
            plain.push_str(marker);
            3
        } else if c == '\\' {
            let (escaped, length) = escape(rest).map_err(|problem| {
                let start = range.start + at;
                Box::new((*problem).at(Span::new(file, start..start + escape_length(rest)), "this escape"))
            })?;
            plain.push(escaped);
            length
        } else {
            plain.push(c);
            c.len_utf8()
        };
        at += length;
    }
    Ok(plain)
}

/// Returns unquoted text, from a heredoc or a template file.
pub(super) fn unquoted(written: &str) -> String {
    let mut text = String::with_capacity(written.len());
    let mut rest = written;
    while let Some(c) = rest.chars().next() {
        if let Some(marker) = doubled_marker(rest) {
            text.push_str(marker);
            rest = &rest[3..];
        } else {
            text.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    text
}

fn doubled_marker(rest: &str) -> Option<&'static str> {
    match rest.get(..3)? {
        "$${" => Some("${"),
        "%%{" => Some("%{"),
        _ => None,
    }
}

/// Returns the length in bytes of an invalid escape: the backslash and one character.
fn escape_length(rest: &str) -> usize {
    rest.chars().take(2).map(char::len_utf8).sum()
}

/// Returns the character of the escape at the start of `rest`, and the escape's length.
fn escape(rest: &str) -> Result<(char, usize), Box<Diagnostic>> {
    let selector = rest[1..].chars().next();
    let simple = match selector {
        Some('n') => '\n',
        Some('r') => '\r',
        Some('t') => '\t',
        Some('"') => '"',
        Some('\\') => '\\',
        Some('u') => return code_point(rest, 4),
        Some('U') => return code_point(rest, 8),
        Some(other) => return Err(Box::new(unknown_escape(other))),
        None => return Err(Box::new(unknown_escape(' '))),
    };
    Ok((simple, 2))
}

fn code_point(rest: &str, digits: usize) -> Result<(char, usize), Box<Diagnostic>> {
    let selector = &rest[1..2];
    let hex = rest.get(2..2 + digits).filter(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let Some(hex) = hex else {
        let needs = format!("`\\{selector}` needs {digits} hexadecimal digits");
        let help = format!("fill up with zeros, as in `\\{selector}{:0>digits$}` for é", "e9");
        return Err(Box::new(Diagnostic::error("invalid-escape", needs).help(help)));
    };
    let character = u32::from_str_radix(hex, 16).ok().and_then(char::from_u32);
    character.map(|character| (character, 2 + digits)).ok_or_else(|| {
        let summary = format!("`\\{selector}{hex}` is not a Unicode character");
        let help = "use the number of a character, not of half a surrogate pair: for example `\\U0001F600`";
        Box::new(Diagnostic::error("invalid-escape", summary).help(help))
    })
}

fn unknown_escape(selector: char) -> Diagnostic {
    let error = Diagnostic::error("invalid-escape", format!("`\\{selector}` is not an escape"));
    match selector {
        '$' | '%' => {
            error.help(format!("to write `{selector}{{` itself, double the sign: `{selector}{selector}{{`"))
        }
        _ => error
            .help("to write a backslash, double it: `\\\\`")
            .help("the escapes are `\\n`, `\\r`, `\\t`, `\\\"`, `\\\\`, `\\uNNNN` and `\\UNNNNNNNN`"),
    }
}
