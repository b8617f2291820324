//! Defines texts with unknown and sensitive parts.

use std::fmt;

use crate::value::Origins;

use super::Arg;

/// A part of a [`Text`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Public text.
    Known(String),
    /// Text that is sent but never shown.
    Sensitive(Sensitive),
    /// Text that is not known yet.
    Unknown(Origins),
    /// Exactly one of these texts, not known yet which.
    OneOf(Vec<String>),
}

/// Text that is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Sensitive(String);

impl fmt::Debug for Sensitive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(sensitive)")
    }
}

/// A text with parts that may be unknown, such as the URL of a planned call.
///
/// `Display` writes sensitive parts as `(sensitive)`, and unknown ones as `(known after …)` or `{this,that}`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text(Vec<Part>);

impl Text {
    /// Returns an empty text.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends public text.
    #[must_use]
    pub fn then(mut self, text: impl AsRef<str>) -> Self {
        match self.0.last_mut() {
            Some(Part::Known(last)) => last.push_str(text.as_ref()),
            _ => self.0.push(Part::Known(text.as_ref().to_owned())),
        }
        self
    }

    /// Appends an argument, formatted by `write` if it is known.
    #[must_use]
    pub fn then_arg<T>(mut self, arg: &Arg<T>, write: impl FnOnce(&T) -> String) -> Self {
        match arg {
            Arg::Known { value, sensitive: false } => return self.then(write(value)),
            Arg::Known { value, sensitive: true } => self.0.push(Part::Sensitive(Sensitive(write(value)))),
            Arg::Unknown(origins) => self.0.push(Part::Unknown(origins.clone())),
        }
        self
    }

    /// Appends one of these texts, without specifying which one; a single text is known.
    #[must_use]
    pub fn then_one_of(mut self, texts: &[&str]) -> Self {
        if let [text] = texts {
            return self.then(text);
        }
        self.0.push(Part::OneOf(texts.iter().map(|&text| text.to_owned()).collect()));
        self
    }

    /// Appends another text.
    #[must_use]
    pub fn then_text(self, other: &Self) -> Self {
        other.0.iter().fold(self, |mut text, part| match part {
            Part::Known(known) => text.then(known),
            part => {
                text.0.push(part.clone());
                text
            }
        })
    }

    /// Returns the parts.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.0
    }

    /// Returns true if a part is sensitive.
    #[must_use]
    pub fn is_sensitive(&self) -> bool {
        self.0.iter().any(|part| matches!(part, Part::Sensitive(_)))
    }

    /// Returns true if `text` is a possible value: the known parts in order, with anything for each unknown
    /// one.
    #[must_use]
    pub fn admits(&self, text: &str) -> bool {
        admits(&self.0, text, false)
    }

    /// Returns true if `text` is a possible value of this text, which is not a URL: unknown parts may be
    /// anything.
    #[must_use]
    pub fn admits_plain(&self, text: &str) -> bool {
        admits(&self.0, text, true)
    }

    /// Returns the full text, sensitive parts included, if all of it is known.
    #[must_use]
    pub fn reveal(&self) -> Option<String> {
        self.0.iter().try_fold(String::new(), |mut all, part| {
            match part {
                Part::Known(text) | Part::Sensitive(Sensitive(text)) => all.push_str(text),
                Part::Unknown(_) | Part::OneOf(_) => return None,
            }
            Some(all)
        })
    }
}

/// Matches `text` against `parts`. `path` is true after the host of a URL: an unknown part of the host
/// matches only name characters, so that no value can move the end of the host.
fn admits(parts: &[Part], text: &str, path: bool) -> bool {
    match parts {
        [] => text.is_empty(),
        [Part::Known(known) | Part::Sensitive(Sensitive(known)), rest @ ..] => {
            let path =
                path || known.trim_start_matches("https://").trim_start_matches("http://").contains('/');
            text.strip_prefix(known.as_str()).is_some_and(|text| admits(rest, text, path))
        }
        [Part::OneOf(texts), rest @ ..] => texts
            .iter()
            .filter_map(|own| text.strip_prefix(own.as_str()))
            .any(|text| admits(rest, text, path)),
        [Part::Unknown(_), rest @ ..] => {
            let longest = if path { text.len() } else { text.find(NOT_IN_A_NAME).unwrap_or(text.len()) };
            let ends = text[..longest].char_indices().map(|(at, _)| at).chain([longest]);
            ends.into_iter().any(|at| admits(rest, &text[at..], path))
        }
    }
}

/// Characters that end the host of a URL, or begin another one.
const NOT_IN_A_NAME: [char; 6] = ['/', '?', '#', '@', ':', '\\'];

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::new().then(text)
    }
}

impl From<Part> for Text {
    fn from(part: Part) -> Self {
        Self(vec![part])
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(vec![Part::Known(text)])
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|part| match part {
            Part::Known(text) => f.write_str(text),
            Part::Sensitive(_) => f.write_str("(sensitive)"),
            Part::Unknown(origins) => write!(f, "({origins})"),
            Part::OneOf(texts) => write!(f, "{{{}}}", texts.join(",")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sensitive_part_is_sent_but_never_shown() {
        let name = Arg::Known { value: "hunter2".to_owned(), sensitive: true };
        let text = Text::from("https://").then_arg(&name, Clone::clone).then(".test");
        assert_eq!(text.to_string(), "https://(sensitive).test");
        assert!(!format!("{text:?}").contains("hunter2"));
        assert_eq!(text.reveal().as_deref(), Some("https://hunter2.test"));
    }

    #[test]
    fn only_what_was_planned_is_admitted() {
        let vault: Arg<String> = Arg::Unknown(Origins::of("step.a.b"));
        let name = vault.clone();
        let url = Text::from("https://")
            .then_arg(&vault, Clone::clone)
            .then(".vault.azure.net/secrets/")
            .then_arg(&name, Clone::clone)
            .then("?v=1");
        let cases = [
            ("https://mine.vault.azure.net/secrets/x?v=1", true),
            ("https://mine.vault.azure.net/secrets/x/y?v=1", true),
            ("https://evil.test/x.vault.azure.net/secrets/x?v=1", false),
            ("https://me@evil.test:1.vault.azure.net/secrets/x?v=1", false),
            ("https://mine.vault.azure.net/secrets/x?v=2", false),
            ("http://mine.vault.azure.net/secrets/x?v=1", false),
        ];
        for (text, expected) in cases {
            assert_eq!(url.admits(text), expected, "{text}");
        }
    }

    #[test]
    fn one_of_several_texts_is_admitted() {
        let name: Arg<String> = Arg::Unknown(Origins::of("step.a.b"));
        let url =
            Text::from("https://").then_arg(&name, Clone::clone).then(".").then_one_of(&["x.test", "y.test"]);
        let url = url.then("/c");
        assert_eq!(url.to_string(), "https://(known after step.a.b).{x.test,y.test}/c");
        assert_eq!(url.reveal(), None);
        for (text, expected) in [
            ("https://a.x.test/c", true),
            ("https://a.z1.y.test/c", true),
            ("https://a.z.test/c", false),
            ("https://evil.test/.x.test/c", false),
            ("https://a.x.test.evil.test/c", false),
        ] {
            assert_eq!(url.admits(text), expected, "{text}");
        }
        assert_eq!(Text::new().then_one_of(&["x"]), "x".into());
    }

    #[test]
    fn an_unknown_part_says_what_it_waits_for() {
        let name: Arg<String> = Arg::Unknown(Origins::of("step.a.b"));
        let text = Text::from("https://").then_arg(&name, Clone::clone);
        assert_eq!(text.to_string(), "https://(known after step.a.b)");
        assert_eq!(text.reveal(), None);
    }
}
