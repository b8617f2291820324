//! Quotes text as an HCL string.

use crate::diagnostic::is_hidden;

/// Returns an HCL string literal, quotes included, that evaluates to `text`.
///
/// Control characters and invisible characters that reorder or hide text are escaped, so the literal is safe
/// to show.
#[must_use]
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    push_escaped(&mut out, text);
    out.push('"');
    out
}

/// Appends the escaped `text`, as it appears between the quotes.
pub(crate) fn push_escaped(out: &mut String, text: &str) {
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' | '%' if rest.peek() == Some(&'{') => out.extend([c, c]),
            c if is_hidden(c) => out.push_str(&code(c)),
            c => out.push(c),
        }
    }
}

fn code(c: char) -> String {
    let code = u32::from(c);
    if code < 0x1_0000 { format!("\\u{code:04x}") } else { format!("\\U{code:08x}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_escaped_as_hcl_has_it() {
        let cases = [
            ("plain ü 日本", r#""plain ü 日本""#),
            ("say \"a\\b\"", r#""say \"a\\b\"""#),
            ("a\nb\r\n\tc", r#""a\nb\r\n\tc""#),
            ("${a} %{b} $x %", r#""$${a} %%{b} $x %""#),
            ("$${", r#""$$${""#),
            ("\x1b[31m\u{9b}", r#""\u001b[31m\u009b""#),
            ("\u{202e}\u{e0041}", r#""\u202e\U000e0041""#),
        ];
        for (text, literal) in cases {
            assert_eq!(quote(text), literal);
        }
    }
}
