//! Makes foreign text safe for a terminal.

use std::borrow::Cow;
use std::fmt::Write;

/// Returns true if `c` could control a terminal or mislead a reader: a control character, a line separator,
/// or an invisible character that reorders or hides text.
pub(crate) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{e0100}'..='\u{e01ef}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Writes `c`, escaped as `\u{1b}` if it must not reach a terminal.
pub(super) fn push_visible(out: &mut String, c: char) {
    if is_hidden(c) {
        out.extend(c.escape_unicode());
    } else {
        out.push(c);
    }
}

/// Returns `text` with hidden characters escaped, except for line feeds and tabs.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    let keeps = |c: char| matches!(c, '\n' | '\t');
    if !text.contains(|c| is_hidden(c) && !keeps(c)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if keeps(c) { out.push(c) } else { push_visible(&mut out, c) }
    }
    Cow::Owned(out)
}

/// Returns JSON of one line with hidden characters escaped as JSON escapes, which keeps its meaning.
#[must_use]
pub fn visible_json(json: &str) -> Cow<'_, str> {
    if !json.contains(is_hidden) {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len() + 8);
    for c in json.chars() {
        if is_hidden(c) {
            // One-line JSON has hidden characters only inside its strings.
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Returns coloured `text` with hidden characters escaped, except for the colour escapes.
#[must_use]
pub fn visible_colored(text: &str) -> Cow<'_, str> {
    if !text.contains('\x1b') {
        return visible(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    let mut rest = text;
    while let Some(at) = rest.find('\x1b') {
        out += &visible(&rest[..at]);
        let color = color(&rest[at..]);
        if color == 0 {
            push_visible(&mut out, '\x1b');
        }
        out += &rest[at..at + color];
        rest = &rest[at + color.max(1)..];
    }
    out += &visible(rest);
    Cow::Owned(out)
}

/// Returns the length of the colour escape at the start of `text`; 0 if there is none.
fn color(text: &str) -> usize {
    let Some(codes) = text.strip_prefix("\x1b[") else { return 0 };
    let length = codes.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b';').count();
    if codes[length..].starts_with('m') { "\x1b[".len() + length + 1 } else { 0 }
}

/// Returns `text` as one line, with hidden characters escaped, and spaces for line feeds and tabs.
#[must_use]
pub fn visible_line(text: &str) -> String {
    visible(text).replace(['\n', '\t'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_act_on_is_escaped() {
        let cases = [
            ("plain ü 日本", "plain ü 日本"),
            ("a\x1b[31mb", "a\\u{1b}[31mb"),
            ("bell\x07 csi\u{9b}", "bell\\u{7} csi\\u{9b}"),
            ("a\u{202e}b", "a\\u{202e}b"),
            ("two\n\tlines\r\n", "two\n\tlines\\u{d}\n"),
        ];
        for (text, shown) in cases {
            assert_eq!(visible(text), shown);
        }
        assert_eq!(visible_line("a\nb\tc"), "a b c");
    }

    #[test]
    fn json_says_the_same_without_hidden_characters() {
        for text in
            ["plain ü", "\x1b]0;x\x07", "del\x7f csi\u{9b}", "\u{202e}\u{200b}\u{2028}", "tag\u{e0041}"]
        {
            let json = serde_json::json!({ text: [text] });
            let raw = json.to_string();
            let shown = visible_json(&raw);
            assert!(!shown.contains(is_hidden), "{shown}");
            assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), json);
        }
    }

    #[test]
    fn of_escapes_only_colours_get_through() {
        for (text, shown) in [
            ("\x1b[1;31merror\x1b[0m", "\x1b[1;31merror\x1b[0m"),
            ("\x1b]0;x\x07", "\\u{1b}]0;x\\u{7}"),
            ("\x1b[2J\x1b[1m", "\\u{1b}[2J\x1b[1m"),
            ("\x1b[31", "\\u{1b}[31"),
            ("\x1b[?1049hx\u{202e}", "\\u{1b}[?1049hx\\u{202e}"),
            ("a\x1b", "a\\u{1b}"),
        ] {
            assert_eq!(visible_colored(text), shown);
        }
    }
}
