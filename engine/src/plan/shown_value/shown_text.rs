//! Defines a text of which some parts were unknown.

use serde::{Deserialize, Serialize};

use crate::redact::{Redact, Secrets};
use crate::value::{Origins, Pattern, TextBuilder, TextKind, TextPart, Value};

/// A part of a text that was partly unknown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum ShownTextPart {
    /// Known text.
    Known(String),
    /// Text that was unknown.
    Unknown(UnknownText),
}

/// An unknown part of a text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UnknownText {
    /// The origins of the text, such as the addresses of steps.
    pub after: Vec<String>,
    /// True if the text is a path of any number of segments.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_path: bool,
}

impl ShownTextPart {
    /// Returns the parts of a text; none if no part of it is known.
    pub fn all(pattern: Option<&Pattern>) -> Vec<Self> {
        let part = |part: &TextPart| match part {
            TextPart::Known(text) => Self::Known(text.to_string()),
            TextPart::Unknown(after, kind) => Self::Unknown(UnknownText {
                after: after.iter().map(ToOwned::to_owned).collect(),
                is_path: *kind == TextKind::Path,
            }),
        };
        pattern
            .filter(|pattern| pattern.is_partly_known())
            .map(|pattern| pattern.parts().iter().map(part).collect())
            .unwrap_or_default()
    }

    /// Returns the text with these parts.
    pub fn text(parts: &[Self]) -> Value {
        let mut built = TextBuilder::default();
        for part in parts {
            match part {
                Self::Known(text) => built.push_str(text),
                Self::Unknown(UnknownText { after, is_path }) => {
                    let kind = if *is_path { TextKind::Path } else { TextKind::Plain };
                    built.push_unknown(&origins(after), kind);
                }
            }
        }
        built.build()
    }

    pub fn redact(&mut self, secrets: &Secrets) {
        match self {
            Self::Known(text) => text.redact(secrets),
            Self::Unknown(UnknownText { after, .. }) => after.redact(secrets),
        }
    }
}

/// Returns the origins with these names.
pub(super) fn origins(after: &[String]) -> Origins {
    after.iter().map(|origin| Origins::of(origin.as_str())).collect()
}
