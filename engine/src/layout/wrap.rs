//! Breaks text into lines at words.

use unicode_width::UnicodeWidthStr;

/// Returns the number of columns that `text` takes in a font of one width.
#[must_use]
pub fn width(text: &str) -> usize {
    text.width()
}

/// Breaks `text` at spaces into lines of at most `first` and then `rest` columns; a longer word
/// keeps its length and its place.
pub(super) fn wrap(text: &str, first: usize, rest: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    // The spaces between words belong to the text, unless the line breaks there.
    for piece in text.split_inclusive(' ') {
        let word = piece.trim_end_matches(' ');
        let limit = if lines.len() == 1 { first } else { rest };
        // A word that fits in no line, such as a URL, stays beside the word before it.
        let fits_alone = width(word) <= rest;
        // A line begins with a word: with spaces, it could begin at any column.
        if used > 0
            && !word.is_empty()
            && fits_alone
            && used + width(word) > limit
            && lines.last().is_some_and(|line| !line.trim().is_empty())
        {
            if let Some(last) = lines.last_mut() {
                last.truncate(last.trim_end().len());
            }
            lines.push(String::new());
            used = 0;
        }
        if let Some(last) = lines.last_mut() {
            last.push_str(piece);
        }
        used += width(piece);
    }
    if let Some(last) = lines.last_mut() {
        last.truncate(last.trim_end().len());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_words() {
        for (text, expected) in [
            ("", &[""][..]),
            ("one two", &["one two"]),
            ("one two three", &["one two", "three"]),
            ("one threefour five", &["one threefour", "five"]),
            ("  one  two", &["  one", "two"]),
            ("漢字 漢字", &["漢字", "漢字"]),
            ("a-very-long-word b", &["a-very-long-word", "b"]),
            ("one two     three", &["one two", "three"]),
            ("one                three", &["one", "three"]),
        ] {
            assert_eq!(wrap(text, 8, 8), expected, "{text}");
        }
        assert_eq!(wrap("a b c d", 3, 1), ["a b", "c", "d"]);
    }
}
