//! Names and tags in the form that `azcmagent` takes.

use std::collections::BTreeMap;

use arcbook_engine::step::{ArgumentError, ArgumentType};
use arcbook_engine::value::{PathStep, Type, Value};

/// The tags of a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tags(BTreeMap<String, String>);

/// The characters that separate and quote tags.
const SPECIAL: [char; 4] = [',', '=', '\'', '"'];

impl ArgumentType for Tags {
    fn ty() -> Type {
        Type::map(Type::String)
    }

    fn from_value(value: &Value) -> Result<Self, Vec<ArgumentError>> {
        let tags = BTreeMap::<String, String>::from_value(value)?;
        let is_plain = |text: &str| !text.contains(SPECIAL) && !text.contains(char::is_control);
        let is_tag = |name: &String, value: &String| !name.is_empty() && is_plain(name) && is_plain(value);
        let error = |name: &String| {
            ArgumentError::value("must not contain a comma, `=`, a quotation mark or a control character")
                .inside(PathStep::Key(name.as_str().into()))
                .help("azcmagent cannot take such a tag: set it on the machine's resource in a later step")
        };
        let errors: Vec<_> =
            tags.iter().filter(|(name, value)| !is_tag(name, value)).map(|(name, _)| error(name)).collect();
        if errors.is_empty() { Ok(Self(tags)) } else { Err(errors) }
    }
}

impl Tags {
    /// Returns the tags in one text; what has a space is in quotation marks.
    pub fn text(&self) -> String {
        let quoted = |text: &String| if text.contains(' ') { format!("'{text}'") } else { text.clone() };
        let tag = |(name, value): (&String, &String)| format!("{}={}", quoted(name), quoted(value));
        self.0.iter().map(tag).collect::<Vec<_>>().join(",")
    }
}

/// Returns true if a machine may have this name in Azure.
pub(crate) fn machine_name(name: &str) -> bool {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (1..=54).contains(&name.len()) && name.bytes().all(good)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_written_as_the_agent_reads_them() {
        for (tags, expected) in [
            (&[("City", "London"), ("Site", "Dock 4")][..], Some("City=London,Site='Dock 4'")),
            (&[("a", "")], Some("a=")),
            (&[("a", "1,2")], None),
            (&[("a", "it's")], None),
            (&[("a=b", "c")], None),
            (&[("", "c")], None),
        ] {
            let tags = Tags::from_value(&Value::string_map(tags.iter().copied()));
            assert_eq!(tags.ok().map(|tags| tags.text()).as_deref(), expected);
        }
    }
}
