//! Describes the object of a step in words.

use std::borrow::Cow;

use indexmap::IndexSet;
use serde::{Deserialize, Serialize};

use super::Text;
use super::texts::words;
use crate::redact::Redact;

/// The object that a step reads or changes, in words for people: `blob`, `uploads/hosts.txt`, `in account reports`.
///
/// Names come from [`Text`]s, which hide their sensitive parts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Redact)]
#[serde(deny_unknown_fields)]
pub struct Title {
    /// The noun, such as `blob`.
    pub noun: String,
    /// The name, such as `uploads/hosts.txt`; empty if the noun says everything.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The words of a command in place of a name, such as `sh`, `-c`, `exit 1`; each is redacted by itself, before they
    /// are quoted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// The place, such as `in account reports`; empty if there is nothing to say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub place: String,
}

impl Title {
    /// Returns the title of an object without a name.
    #[must_use]
    pub fn new(noun: impl Into<String>) -> Self {
        Self { noun: noun.into(), ..Self::default() }
    }

    /// Sets the name.
    #[must_use]
    pub fn named(mut self, name: &Text) -> Self {
        self.name = name.to_string();
        self
    }

    /// Sets the place: `in account reports`, or `in the account found by step.arm_list.all` if its name is not known.
    #[must_use]
    pub fn within(mut self, noun: &str, name: &Text) -> Self {
        self.place = match name.only_gap() {
            Some(gap) => {
                format!("in the {noun} {}", gap.origins.found())
            }
            None => format!("in {noun} {name}"),
        };
        self
    }

    /// Sets the place.
    #[must_use]
    pub fn placed(mut self, place: impl Into<String>) -> Self {
        self.place = place.into();
        self
    }

    /// Returns one title for all of them, with the first names and their number: `blobs a, b, c, … (500)`.
    #[must_use]
    pub fn of_all(titles: &[&Self]) -> Self {
        let distinct = |part: fn(&Self) -> Cow<'_, str>| -> Vec<Cow<'_, str>> {
            let all = titles.iter().map(|title| part(title)).filter(|part| !part.is_empty());
            all.collect::<IndexSet<_>>().into_iter().collect()
        };
        let nouns = distinct(|title| title.noun.as_str().into());
        let (names, places) = (distinct(Self::name), distinct(|title| title.place.as_str().into()));
        let noun = match nouns.as_slice() {
            [noun] if names.len() > 1 || places.len() > 1 => plural(noun),
            nouns => few(nouns),
        };
        // A place of some of them would be wrong for the others.
        let is_shared = titles.iter().all(|title| title.place.is_empty() == places.is_empty());
        let place = if names.is_empty() || is_shared { together(&places) } else { String::new() };
        let names: Vec<String> = names.iter().map(|name| shortened(name)).collect();
        Self { noun, name: few(&names), place, ..Self::default() }
    }

    /// Returns the name, or the command as a shell would read it.
    #[must_use]
    pub fn name(&self) -> Cow<'_, str> {
        if self.command.is_empty() { self.name.as_str().into() } else { words(&self.command).into() }
    }

    /// Returns true if the step type has no words for its object.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.noun.is_empty() && self.name.is_empty() && self.command.is_empty()
    }

    /// Returns the noun and the name.
    #[must_use]
    pub fn brief(&self) -> String {
        joined([&self.noun, &self.name()])
    }

    /// Returns the noun, the name and the place.
    #[must_use]
    pub fn whole(&self) -> String {
        joined([&self.noun, &self.name(), &self.place])
    }
}

fn joined<const N: usize>(parts: [&str; N]) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The maximum number of characters of a name among others.
const LONGEST: usize = 120;

/// Returns the beginning of a name that is too long for a page, and the number of the other characters.
///
/// A name is redacted before it is cut, since a cut secret would not be recognized.
#[must_use]
pub fn shortened(name: &str) -> String {
    shortened_to(LONGEST, name)
}

/// Returns the first characters of a text that is longer, and the number of the others, as [`shortened`] does.
#[must_use]
pub fn shortened_to(longest: usize, name: &str) -> String {
    let Some((end, _)) = name.char_indices().nth(longest) else { return name.to_owned() };
    shorter(name.to_owned(), format!("{}… (and {} characters)", &name[..end], name[end..].chars().count()))
}

/// Returns the cut text, unless the whole one is as short.
fn shorter(whole: String, cut: String) -> String {
    if whole.chars().count() <= cut.chars().count() { whole } else { cut }
}

/// The number of names that stand for all of them.
const FEW: usize = 3;

/// Returns the first names of a list and their number: `a, b, c, … (500)`.
#[must_use]
pub fn few(names: &[impl AsRef<str>]) -> String {
    let all: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    match all.len() {
        // One more name is as short as its number.
        count if count <= FEW + 1 => all.join(", "),
        count => shorter(all.join(", "), format!("{}, … ({count})", all[..FEW].join(", "))),
    }
}

/// Joins places; those that differ in one word share the others: `on machines a, b of resource group g`.
fn together(places: &[Cow<'_, str>]) -> String {
    let words: Vec<Vec<&str>> = places.iter().map(|place| place.split(' ').collect()).collect();
    let (Some(first), true) = (words.first(), words.len() > 1) else { return few(places) };
    let is_alike = |words: &Vec<&str>| words.len() == first.len();
    let differs = |at: &usize| words.iter().any(|words| words[*at] != first[*at]);
    if first.len() < 3 || !words.iter().all(is_alike) {
        return few(places);
    }
    let different: Vec<usize> = (0..first.len()).filter(differs).collect();
    let [at] = different.as_slice() else { return few(places) };
    let names: Vec<&str> = words.iter().map(|words| words[*at]).collect();
    let mut shared: Vec<String> = first.iter().map(|&word| word.to_owned()).collect();
    shared[*at] = few(&names);
    shared.join(" ")
}

/// Returns the plural of a noun; names of Azure's resource types are plurals already.
fn plural(noun: &str) -> String {
    match noun.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None if noun.ends_with('s') => noun.to_owned(),
        None => format!("{noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_saves_something() {
        for more in 0..60 {
            let whole = "a".repeat(LONGEST + more);
            let cut = shortened(&whole);
            assert!(cut == whole || cut.chars().count() < whole.len(), "{more}: {cut}");
            assert_eq!(cut == whole, more <= "… (and 21 characters)".chars().count(), "{more}");
        }
        for (count, length, is_whole) in
            [(4, 50, true), (5, 1, true), (5, 2, false), (5, 4, false), (50, 1, false)]
        {
            let names: Vec<String> = (0..count).map(|_| "n".repeat(length)).collect();
            assert_eq!(few(&names) == names.join(", "), is_whole, "{count} of {length}: {}", few(&names));
        }
    }

    #[test]
    fn many_titles_become_one() {
        let blob = |name: &str, place: &str| Title::new("blob").named(&name.into()).placed(place);
        let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
        let command = |argv: &[&str]| Title { command: words(argv), ..Title::new("program") };
        let many: Vec<Title> = (0..500).map(|at| blob(&at.to_string(), "in x")).collect();
        let cases = [
            (vec![blob("a", "in x")], ("blob", "a", "in x")),
            (vec![blob("a", "in x"), blob("b", "in x")], ("blobs", "a, b", "in x")),
            (vec![blob("a", "in x"), blob("b", "in y")], ("blobs", "a, b", "in x, in y")),
            (
                vec![blob("a", "on vm x of g"), blob("b", "on vm y of g")],
                ("blobs", "a, b", "on vm x, y of g"),
            ),
            (
                vec![blob("a", "on vm x of g"), blob("b", "on vm y of h")],
                ("blobs", "a, b", "on vm x of g, on vm y of h"),
            ),
            (vec![blob("a", "in x"), blob("b", "")], ("blobs", "a, b", "")),
            (vec![command(&["sh", "-c", "a b"]), command(&["id"])], ("programs", "sh -c 'a b', id", "")),
            (many, ("blobs", "0, 1, 2, … (500)", "in x")),
            (
                vec![Title::new("token").placed("for a"), Title::new("token").placed("for b")],
                ("tokens", "", "for a, for b"),
            ),
        ];
        for (titles, (noun, name, place)) in cases {
            let expected = Title { name: name.to_owned(), ..Title::new(noun).placed(place) };
            assert_eq!(Title::of_all(&titles.iter().collect::<Vec<_>>()), expected);
        }
    }
}
