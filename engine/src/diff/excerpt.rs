//! Shortens two texts so that their difference is seen.

use crate::step::shortened;

/// The number of equal characters that are shown before the first difference.
const BEFORE: usize = 20;

/// Returns `old → new`; of long texts with the same beginning, the parts around their first difference.
pub(super) fn excerpts(old: &str, new: &str) -> String {
    let is_long = shortened(old) != old || shortened(new) != new;
    let same = old.chars().zip(new.chars()).take_while(|(old, new)| old == new).count();
    let from = if is_long { same.saturating_sub(BEFORE) } else { 0 };
    let part = |text: &str| match text.char_indices().nth(from) {
        Some((at, _)) if at > 0 => format!("…{}", shortened(&text[at..])),
        _ => shortened(text),
    };
    format!("{} → {}", part(old), part(new))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_difference_of_long_texts_is_seen() {
        let long = |end: &str| format!("{}{end}", "é".repeat(200));
        let seen = "é".repeat(20);
        for (old, new, expected) in [
            ("a".to_owned(), "b".to_owned(), "a → b".to_owned()),
            (long("a"), long("b"), format!("…{seen}a → …{seen}b")),
            (long(""), long("b"), format!("…{seen} → …{seen}b")),
        ] {
            assert_eq!(excerpts(&old, &new), expected);
        }
    }
}
