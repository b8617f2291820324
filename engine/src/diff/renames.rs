//! Holds the blocks that only have another name.

use std::borrow::Cow;
use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, MatchKind};
use serde_json::Value as Json;

use crate::plan::Listing;

/// The blocks that only have another name: the new addresses by the old ones.
#[derive(Default)]
pub struct Renames {
    to: BTreeMap<String, String>,
    /// Finds the old addresses in texts.
    finder: Option<AhoCorasick>,
}

impl Renames {
    /// Adds a block that has another name now.
    pub fn insert(&mut self, old: String, new: String) {
        self.to.insert(old, new);
        self.finder = None;
    }

    /// Returns true if every block has the name that it had.
    pub fn is_empty(&self) -> bool {
        self.to.is_empty()
    }

    /// Prepares for texts, after the last block.
    #[must_use]
    pub fn ready(mut self) -> Self {
        self.finder = self.finder();
        self
    }

    fn finder(&self) -> Option<AhoCorasick> {
        let mut builder = AhoCorasick::builder();
        builder.match_kind(MatchKind::LeftmostLongest).build(self.to.keys()).ok()
    }

    /// Returns the address that a block has now.
    #[must_use]
    pub fn now<'a>(&'a self, address: &'a str) -> &'a str {
        self.to.get(address).map_or(address, String::as_str)
    }

    /// Returns a text for people with the addresses that the blocks have now.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        if self.is_empty() {
            return text.to_owned();
        }
        let finder = match &self.finder {
            Some(finder) => finder,
            None => &match self.finder() {
                Some(finder) => finder,
                None => return text.to_owned(),
            },
        };
        let mut out = String::with_capacity(text.len());
        let mut done = 0;
        for found in finder.find_iter(text) {
            let (before, after) = (&text[..found.start()], &text[found.end()..]);
            if is_name(before.chars().next_back()) || is_name_part(after.chars().next()) {
                continue;
            }
            out.push_str(&text[done..found.start()]);
            out.push_str(self.now(&text[found.range()]));
            done = found.end();
        }
        out.push_str(&text[done..]);
        out
    }

    /// Returns a listing with the addresses that the blocks have now.
    #[must_use]
    pub fn listing<'a>(&self, listing: &'a Listing) -> Cow<'a, Listing> {
        if self.is_empty() {
            return Cow::Borrowed(listing);
        }
        // A listing reads back what it writes.
        let renamed = serde_json::to_value(listing).map(|json| self.json(json));
        renamed.and_then(serde_json::from_value).map_or(Cow::Borrowed(listing), Cow::Owned)
    }

    fn json(&self, json: Json) -> Json {
        match json {
            Json::String(text) => Json::String(self.text(&text)),
            Json::Array(elements) => elements.into_iter().map(|element| self.json(element)).collect(),
            Json::Object(members) => {
                members.into_iter().map(|(name, member)| (name, self.json(member))).collect()
            }
            plain => plain,
        }
    }
}

/// Returns true if an address that follows this character is a part of a longer one.
fn is_name(before: Option<char>) -> bool {
    is_name_part(before) || before == Some('.')
}

fn is_name_part(next: Option<char>) -> bool {
    next.is_some_and(|next| next.is_alphanumeric() || next == '_' || next == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_in_texts_are_whole() {
        let to = [("step.a.b", "step.a.c"), ("step.a.bb", "step.a.d")];
        let to = to.map(|(old, new)| (old.to_owned(), new.to_owned())).into();
        let renames = Renames { to, finder: None }.ready();
        for (text, expected) in [
            ("(known after step.a.b, step.a.bb[0])", "(known after step.a.c, step.a.d[0])"),
            ("module.m.step.a.b step.a.b-c step.a.b.x", "module.m.step.a.b step.a.b-c step.a.c.x"),
            ("", ""),
        ] {
            assert_eq!(renames.text(text), expected);
        }
    }
}
