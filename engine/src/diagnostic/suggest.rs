//! Suggests the known name nearest to an unknown one.

use std::collections::BTreeSet;

use super::lookalike::{Lookalike, odd_character, plain};

/// Names longer than this are not compared: no typing slip explains them, and the cost grows with the square.
const LONGEST: usize = 128;

/// The most candidates that are compared: a runbook with very many unknown names among very many known ones is read in
/// reasonable time.
const MOST: usize = 1_000;

/// A part of a name shorter than this says too little of what was meant.
const SHORTEST_PART: usize = 4;

/// The candidate that `name` was most likely meant to be, if one is near enough.
///
/// Near is: equal but for case, `-`, `_` and characters that only look alike; else the same words in another order; else
/// at most one slip (a character more, less, changed, or two swapped) for every three characters; else the one candidate
/// of which it is a part, slips in whole words allowed, or which is whole words of it. Of equally near ones the first in
/// alphabetical order is taken, so that the answer does not depend on the order of the candidates.
pub fn closest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if name.len() > LONGEST {
        return None;
    }
    let name = Folded::new(name);
    let mut candidates: Vec<&str> =
        candidates.into_iter().filter(|known| !known.is_empty() && known.len() <= LONGEST).collect();
    if candidates.len() > MOST {
        candidates.retain(|known| begins_alike(&name.text, known));
    }
    let candidates: BTreeSet<&str> = candidates.into_iter().collect();
    let folded: Vec<_> = candidates.into_iter().take(MOST).map(|known| (known, Folded::new(known))).collect();
    let length = name.text.chars().count();
    let limit = (length.max(3) / 3).min(length.saturating_sub(1));
    let near = folded.iter().map(|(known, folded)| (name.distance(folded), *known));
    let near = near.filter(|(distance, _)| *distance <= limit).min().map(|(_, known)| known);
    near.or_else(|| {
        let is_like = |folded: &Folded| name.is_part_of(folded, limit) || folded.is_words_of(&name);
        let mut like = folded.iter().filter(|(_, folded)| is_like(folded));
        let first = like.next()?;
        like.next().is_none().then_some(first.0)
    })
}

/// Returns true if the names begin with the same characters.
fn begins_alike(name: &str, known: &str) -> bool {
    let start = |text| str::chars(text).take(2).flat_map(char::to_lowercase);
    start(name).eq(start(known))
}

/// Returns the suggestion as a phrase, such as ``did you mean `keyvault_secret`?``.
pub fn did_you_mean<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let known = closest(name, candidates)?;
    let odd = odd_character(name, '"').filter(|_| Lookalike::find(known).is_none());
    let odd = odd.map_or_else(String::new, |odd| format!(" {odd}"));
    Some(format!("did you mean `{known}`?{odd}"))
}

/// A name without what people spell in different ways.
struct Folded {
    text: String,
    /// Its words: between `-`, `_` and blanks, and from a small letter to a capital one.
    words: Vec<String>,
}

impl Folded {
    fn new(name: &str) -> Self {
        let mut words = vec![String::new()];
        let mut was_small = false;
        for c in plain(name).chars() {
            let is_border = matches!(c, '-' | '_' | ' ' | '\n');
            if (is_border || (was_small && c.is_uppercase()))
                && words.last().is_some_and(|word| !word.is_empty())
            {
                words.push(String::new());
            }
            was_small = c.is_lowercase();
            if let Some(word) = words.last_mut().filter(|_| !is_border) {
                word.extend(c.to_lowercase());
            }
        }
        Self { text: words.concat(), words }
    }

    /// The number of slips between two names.
    fn distance(&self, other: &Self) -> usize {
        if self.text == other.text {
            return 0;
        }
        if self.sorted() == other.sorted() {
            return 1;
        }
        strsim::osa_distance(&self.text, &other.text)
    }

    fn sorted(&self) -> Vec<&str> {
        let mut words: Vec<_> = self.words.iter().map(String::as_str).collect();
        words.sort_unstable();
        words
    }

    /// True for a part of the other, and for some of its words with at most so many `slips`.
    fn is_part_of(&self, other: &Self, slips: usize) -> bool {
        let words = &other.words;
        let mut runs = (0..words.len())
            .flat_map(|from| (from + 1..=words.len()).map(move |to| words[from..to].concat()));
        self.text.len() >= SHORTEST_PART
            && (other.text.contains(&self.text)
                || runs
                    .any(|run| run.len() >= SHORTEST_PART && strsim::osa_distance(&self.text, &run) <= slips))
    }

    /// True for some of the words of the other, one after another.
    fn is_words_of(&self, other: &Self) -> bool {
        let count = self.words.len();
        self.text.len() >= SHORTEST_PART && other.words.windows(count).any(|words| words == self.words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found() {
        let names = ["metadata", "arm_get", "arm_list", "keyvault_secret", "blob_upload", "echo", "a", "b"];
        let cases = [
            ("metdata", Some("metadata")),
            ("keyvault_secrte", Some("keyvault_secret")),
            ("secret_keyvault", Some("keyvault_secret")),
            ("Blob-Upload", Some("blob_upload")),
            ("arm_lst", Some("arm_list")),
            ("ecko", Some("echo")),
            ("KEYVAULT_SECRET", Some("keyvault_secret")),
            ("keyVaultSecret", Some("keyvault_secret")),
            ("key-vault-secret", Some("keyvault_secret")),
            ("key-vault", Some("keyvault_secret")),
            ("Vault", Some("keyvault_secret")),
            ("keyvault_secret_value", Some("keyvault_secret")),
            ("keyvalt", Some("keyvault_secret")),
            ("key\u{200b}vault–secret", Some("keyvault_secret")),
            ("ｅｃｈｏ", Some("echo")),
            // Two of them begin with that.
            ("arm", None),
            ("blob", Some("blob_upload")),
            ("postgres", None),
            ("zzz", None),
            ("", None),
        ];
        for (name, expected) in cases {
            assert_eq!(closest(name, names), expected, "{name}");
        }
    }

    #[test]
    fn a_tie_does_not_depend_on_the_order() {
        assert_eq!(closest("bat", ["cat", "bar"]), Some("bar"));
        assert_eq!(closest("bat", ["bar", "cat"]), Some("bar"));
    }

    #[test]
    fn the_phrase_names_it() {
        assert_eq!(did_you_mean("ech", ["echo"]).as_deref(), Some("did you mean `echo`?"));
        let odd = "did you mean `arm_get`? character 4 of it is U+2013 EN DASH: write `-` in its place";
        assert_eq!(did_you_mean("arm–get", ["arm_get"]).as_deref(), Some(odd));
    }

    #[test]
    fn very_long_names_are_not_compared() {
        let long = "x".repeat(1_000_000);
        assert_eq!(closest(&long, [long.as_str()]), None);
    }
}
