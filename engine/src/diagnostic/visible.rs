//! Text from outside made safe to show on a terminal.

use std::borrow::Cow;

/// Whether a terminal could act on `c`, or a reader be misled by it: control characters, line separators, and the
/// invisible ones that reorder or hide text.
pub(crate) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{200b}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// Writes `c`, as `\u{1b}` if it must not reach a terminal.
pub(super) fn push_visible(out: &mut String, c: char) {
    if is_hidden(c) {
        out.extend(c.escape_unicode());
    } else {
        out.push(c);
    }
}

/// `text` with hidden characters escaped, line feeds and tabs apart.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
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

/// `text` as one line: hidden characters escaped, line feeds and tabs as spaces.
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
}
