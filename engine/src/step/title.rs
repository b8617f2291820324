//! Describes the object of a step in words.

use indexmap::IndexSet;
use serde::{Deserialize, Serialize};

use super::Text;
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
                format!("in the {noun} found by {}", gap.origins.iter().collect::<Vec<_>>().join(", "))
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
        let distinct = |part: fn(&Self) -> &String| -> Vec<&str> {
            let all = titles.iter().map(|title| part(title).as_str()).filter(|part| !part.is_empty());
            all.collect::<IndexSet<_>>().into_iter().collect()
        };
        let (nouns, names, places) =
            (distinct(|title| &title.noun), distinct(|title| &title.name), distinct(|title| &title.place));
        let noun = match nouns.as_slice() {
            [noun] if names.len() > 1 || places.len() > 1 => plural(noun),
            nouns => few(nouns),
        };
        // A place of some of them would be wrong for the others.
        let is_shared = titles.iter().all(|title| title.place.is_empty() == places.is_empty());
        let place = match places.as_slice() {
            [place] if is_shared => (*place).to_owned(),
            places if names.is_empty() => few(places),
            _ => String::new(),
        };
        Self { noun, name: few(&names), place }
    }

    /// Returns true if the step type has no words for its object.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.noun.is_empty() && self.name.is_empty()
    }

    /// Returns the noun and the name.
    #[must_use]
    pub fn brief(&self) -> String {
        [self.noun.as_str(), self.name.as_str()]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// The number of names that stand for all of them.
const FEW: usize = 3;

/// Returns the first names of a list and their number: `a, b, c, … (500)`.
#[must_use]
pub fn few(names: &[impl AsRef<str>]) -> String {
    let first: Vec<&str> = names.iter().take(FEW).map(AsRef::as_ref).collect();
    match names.len() {
        // One more name is as short as its number.
        count if count <= FEW + 1 => names.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", "),
        count => format!("{}, … ({count})", first.join(", ")),
    }
}

/// Returns the plural of a noun; names of Azure's resource types are plurals already.
fn plural(noun: &str) -> String {
    if noun.ends_with('s') { noun.to_owned() } else { format!("{noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_titles_become_one() {
        let blob = |name: &str, place: &str| Title::new("blob").named(&name.into()).placed(place);
        let many: Vec<Title> = (0..500).map(|at| blob(&at.to_string(), "in x")).collect();
        let cases = [
            (vec![blob("a", "in x")], ("blob", "a", "in x")),
            (vec![blob("a", "in x"), blob("b", "in x")], ("blobs", "a, b", "in x")),
            (vec![blob("a", "in x"), blob("b", "in y")], ("blobs", "a, b", "")),
            (vec![blob("a", "in x"), blob("b", "")], ("blobs", "a, b", "")),
            (many, ("blobs", "0, 1, 2, … (500)", "in x")),
            (
                vec![Title::new("token").placed("for a"), Title::new("token").placed("for b")],
                ("tokens", "", "for a, for b"),
            ),
        ];
        for (titles, (noun, name, place)) in cases {
            let expected = Title { noun: noun.to_owned(), name: name.to_owned(), place: place.to_owned() };
            assert_eq!(Title::of_all(&titles.iter().collect::<Vec<_>>()), expected);
        }
    }
}
