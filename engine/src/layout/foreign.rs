//! Makes foreign text part of a page: it can neither start a line, nor make columns.

use std::fmt::Write;

use crate::diagnostic::visible;

/// Returns true if a character takes room and shows nothing.
fn is_blank(c: char) -> bool {
    // The pattern of braille without dots is no white space by its name only.
    c.is_whitespace() || c == '\u{2800}'
}

/// Returns `text` as one line. Line feeds and tabs appear as `\n` and `\t`, and every blank that is not a single
/// space between words as its number, such as `\u{20}`, or `\u{20}×9` for many.
#[must_use]
pub fn one_line(text: &str) -> String {
    let text = visible(text);
    let mut line = String::with_capacity(text.len());
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\n' => line.push_str("\\n"),
            '\t' => line.push_str("\\t"),
            // A space of another kind stands between words like any other.
            ' ' | '\u{a0}' | '\u{3000}' if !is_blank(before) => line.push(c),
            c if is_blank(c) => {
                let mut count = 1;
                while rest.next_if_eq(&c).is_some() {
                    count += 1;
                }
                push_blanks(&mut line, c, count);
            }
            c => line.push(c),
        }
        // What stands for a line feed or a tab is no blank, but a space after it is one more of them.
        before = c;
    }
    line
}

fn push_blanks(line: &mut String, blank: char, count: usize) {
    let number = blank.escape_unicode();
    // Writing to a string cannot fail.
    let _ = match count {
        ..=MANY => write!(line, "{}", number.to_string().repeat(count)),
        _ => write!(line, "{number}×{count}"),
    };
}

/// The maximum number of blanks that are written one by one.
const MANY: usize = 3;

/// Returns `text` as one line of words with single spaces.
pub(super) fn words(text: &str) -> String {
    let words =
        |text: &str| text.split(is_blank).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    words(&visible(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_makes_no_lines_and_no_columns() {
        for (text, line, spoken) in [
            ("plain text", "plain text", "plain text"),
            ("a\nb", "a\\nb", "a b"),
            ("a\n  b\tc", "a\\n\\u{20}\\u{20}b\\tc", "a b c"),
            ("a    b", "a \\u{20}\\u{20}\\u{20}b", "a b"),
            ("a          b", "a \\u{20}×9b", "a b"),
            ("  a ", "\\u{20}\\u{20}a ", "a"),
            ("a\u{a0}b \u{a0}\u{3000}c", "a\u{a0}b \\u{a0}\\u{3000}c", "a b c"),
            ("a\u{2003}b\u{2800}c", "a\\u{2003}b\\u{2800}c", "a b c"),
            ("漢字\u{3000}漢字", "漢字\u{3000}漢字", "漢字 漢字"),
            ("a\x1b[2J\rb\u{2028}c", "a\\u{1b}[2J\\u{d}b\\u{2028}c", "a\\u{1b}[2J\\u{d}b\\u{2028}c"),
        ] {
            assert_eq!((one_line(text).as_str(), words(text).as_str()), (line, spoken), "{text:?}");
        }
    }
}
