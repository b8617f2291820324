//! Writes shown values for people.

use std::collections::HashMap;
use std::fmt;

use serde_json::Value as Json;

use super::ShownValue;
use super::marks::PartMarks;
use super::path::{Key, Path};

/// Writes JSON, with `(sensitive value)`, `(ephemeral value)` or `(known after …)` without quotes in place of
/// missing parts: a text that spells such a phrase has quotes.
impl fmt::Display for ShownValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_whole() {
            return write!(f, "{}", self.value);
        }
        Text { parts: self.marks.by_path(), path: Path::new() }.part(&self.value, f)
    }
}

struct Text<'a> {
    parts: HashMap<&'a [Key], PartMarks<'a>>,
    path: Path,
}

impl Text<'_> {
    fn part(&mut self, json: &Json, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.parts.get(self.path.as_slice()) {
            Some(PartMarks { unknown: Some(unknown), .. }) => return f.write_str(&unknown.phrase()),
            Some(PartMarks { sensitive: true, .. }) if json.is_null() => {
                return f.write_str("(sensitive value)");
            }
            Some(PartMarks { ephemeral: true, .. }) => return f.write_str("(ephemeral value)"),
            _ => {}
        }
        match json {
            Json::Array(elements) => {
                f.write_str("[")?;
                for (at, element) in elements.iter().enumerate() {
                    f.write_str(if at > 0 { "," } else { "" })?;
                    self.below(Key::Index(at), element, f)?;
                }
                f.write_str("]")
            }
            Json::Object(members) => {
                f.write_str("{")?;
                for (at, (name, member)) in members.iter().enumerate() {
                    let comma = if at > 0 { "," } else { "" };
                    write!(f, "{comma}{}:", Json::from(name.as_str()))?;
                    self.below(Key::Name(name.clone()), member, f)?;
                }
                f.write_str("}")
            }
            plain => write!(f, "{plain}"),
        }
    }

    fn below(&mut self, key: Key, json: &Json, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path.push(key);
        let written = self.part(json, f);
        self.path.pop();
        written
    }
}
