//! The settings of a command, by the long names of its options.

use indexmap::IndexMap;
use serde_json::{Map, Value};

/// The settings of a command. There is no `Debug`, since they hold credentials.
pub(super) struct Settings(Map<String, Value>);

impl Settings {
    /// Reads the configuration that the program sends.
    pub fn read(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok().map(Self)
    }

    /// Returns a setting; an empty one counts as missing.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str().filter(|value| !value.is_empty())
    }

    /// Returns true if the switch is on.
    pub fn is_on(&self, name: &str) -> bool {
        self.0.get(name) == Some(&Value::Bool(true))
    }

    /// Returns the setting `tags`, which is written as `City=Wien,Site='Dock 4'`.
    pub fn tags(&self) -> IndexMap<String, String> {
        let plain = |text: &str| text.trim().trim_matches('\'').to_owned();
        let tags = self.get("tags").unwrap_or_default().split(',').filter_map(|tag| tag.split_once('='));
        tags.map(|(name, value)| (plain(name), plain(value))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_with_and_without_quotation_marks() {
        let settings =
            Settings::read(br#"{"tags":"City='Den Haag',Site=a,'Two words'=","location":""}"#).unwrap();
        let tags: Vec<_> = settings.tags().into_iter().collect();
        let expected = [("City", "Den Haag"), ("Site", "a"), ("Two words", "")];
        assert_eq!(tags, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!((settings.get("location"), settings.is_on("force-local-only")), (None, false));
        assert!(Settings::read(b"location: westeurope").is_none());
    }
}
