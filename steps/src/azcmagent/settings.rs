//! The configuration file of a command.

use serde_json::{Map, Value as Json};

/// The settings of a command, by the long names of its options. There is no `Debug`, since they hold secrets.
///
/// The file is JSON, which is YAML as well: older agents read nothing else.
#[derive(Clone, Default)]
pub(crate) struct Settings(Map<String, Json>);

impl Settings {
    /// Adds a setting, if there is a value.
    #[must_use]
    pub fn with(mut self, name: &str, value: Option<&str>) -> Self {
        if let Some(value) = value {
            self.0.insert(name.to_owned(), value.into());
        }
        self
    }

    /// Returns the content of the file.
    pub fn text(&self) -> String {
        format!("{:#}\n", Json::Object(self.0.clone()))
    }
}
