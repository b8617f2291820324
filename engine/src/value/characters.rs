//! Splits text into the characters that a reader sees.

use unicode_segmentation::UnicodeSegmentation;

/// Returns the characters of `text` as a reader sees them: grapheme clusters by Unicode 15.0, as in
/// Terraform.
///
/// Unicode 15.1 joins Indic consonants over a virama; here each of them begins a new character.
pub fn characters(text: &str) -> impl DoubleEndedIterator<Item = &str> {
    text.graphemes(true).flat_map(apart)
}

/// Splits a cluster that only the newer rule joins.
fn apart(cluster: &str) -> impl DoubleEndedIterator<Item = &str> {
    let mut parts = Vec::with_capacity(1);
    let mut rest = cluster;
    while let Some(at) = conjunct(rest) {
        let (part, after) = rest.split_at(at);
        parts.push(part);
        rest = after;
    }
    parts.push(rest);
    parts.into_iter()
}

/// Returns the position of a consonant after a sign of the preceding consonant.
fn conjunct(cluster: &str) -> Option<usize> {
    if cluster.is_ascii() {
        return None;
    }
    let mut previous: Option<char> = None;
    cluster.char_indices().find_map(|(at, character)| {
        let joined =
            previous.is_some_and(is_extending) && character.is_alphabetic() && !is_extending(character);
        previous = Some(character);
        joined.then_some(at)
    })
}

/// Returns true if the character extends any preceding letter.
fn is_extending(character: char) -> bool {
    if character.is_ascii() {
        return false;
    }
    let mut pair = String::from("a");
    pair.push(character);
    pair.graphemes(true).count() == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indic_consonants_are_characters_of_their_own() {
        let cases: [(&str, &[&str]); 8] = [
            ("", &[]),
            ("ab\r\n", &["a", "b", "\r\n"]),
            ("e\u{301}x", &["e\u{301}", "x"]),
            ("नमस्ते", &["न", "म", "स्", "ते"]),
            ("क्षि", &["क्", "षि"]),
            ("क्\u{200d}ष", &["क्\u{200d}", "ष"]),
            ("👩‍👩‍👧🇩🇪", &["👩‍👩‍👧", "🇩🇪"]),
            ("각", &["각"]),
        ];
        for (text, expected) in cases {
            assert_eq!(characters(text).collect::<Vec<_>>(), expected, "{text}");
            assert_eq!(characters(text).rev().collect::<String>().len(), text.len());
        }
    }
}
