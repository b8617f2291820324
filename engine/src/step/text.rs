//! Defines texts with unknown and sensitive parts.

use std::fmt;

use crate::value::{Origins, RUN};

use super::Arg;
use super::admission::Admission;

/// A part of a [`Text`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Public text.
    Known(String),
    /// Text that is sent but never shown.
    Sensitive(Sensitive),
    /// Text that is not known yet.
    Unknown(Gap),
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

/// A part of a [`Text`] that is not known yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The origins of the part.
    pub origins: Origins,
    /// The texts that may take its place.
    pub form: Form,
    /// The argument that the part belongs to, for messages.
    pub argument: Option<&'static str>,
}

/// The syntax of a [`Text`], which decides on the texts that may take the place of an unknown part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// A URL, percent-encoded. In its host, an unknown part stands only for characters of a name.
    Url,
    /// Anything else, such as the path of a file.
    Plain,
}

/// The texts that may take the place of an unknown part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Any text.
    Any,
    /// The name or the value of a query parameter: unreserved and percent-encoded characters.
    Component,
    /// One segment of a path, or a part of it: without `/`, `\`, `?` and `#`, also when it is decoded.
    Segment,
    /// Any number of segments: without `?` and `#`.
    Path,
    /// A URL, or its beginning with the whole host: any text.
    Url,
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

    /// Appends text that is not known yet.
    #[must_use]
    pub fn then_unknown(mut self, origins: Origins, form: Form) -> Self {
        self.0.push(Part::Unknown(Gap { origins, form, argument: None }));
        self
    }

    /// Appends a part of a segment that the step makes from the name of its run, so that no plan knows it.
    #[must_use]
    pub fn then_named_by_run(self) -> Self {
        self.then_unknown(Origins::of(RUN), Form::Segment)
    }

    /// Appends an argument, formatted by `write` if it is known; otherwise, any text may take its place.
    #[must_use]
    pub fn then_arg<T>(mut self, arg: &Arg<T>, write: impl FnOnce(&T) -> String) -> Self {
        match arg {
            Arg::Known { value, sensitive: false } => return self.then(write(value)),
            Arg::Known { value, sensitive: true } => self.0.push(Part::Sensitive(Sensitive(write(value)))),
            Arg::Unknown(origins) => return self.then_unknown(origins.clone(), Form::Any),
            Arg::Partial(text) => return self.then_unknown(text.origins(), Form::Any),
        }
        self
    }

    /// Appends an argument, formatted by `write` if it is known, and otherwise with the parts that are known.
    ///
    /// `write` formats as [`ArgumentType::from_parts`](super::ArgumentType::from_parts) does.
    #[must_use]
    pub fn then_parts<T>(self, arg: &Arg<T>, write: impl FnOnce(&T) -> String) -> Self {
        match arg {
            Arg::Partial(text) => self.then_text(text),
            arg => self.then_arg(arg, write),
        }
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

    /// Names the argument that the text is made from.
    #[must_use]
    pub(super) fn of_argument(self, argument: &'static str) -> Self {
        let own = |part| match part {
            Part::Unknown(gap) => Part::Unknown(Gap { argument: Some(argument), ..gap }),
            part => part,
        };
        Self(self.0.into_iter().map(own).collect())
    }

    /// Hides the known parts.
    #[must_use]
    pub(super) fn hidden(self) -> Self {
        let hide = |part| match part {
            Part::Known(text) => Part::Sensitive(Sensitive(text)),
            part => part,
        };
        Self(self.0.into_iter().map(hide).collect())
    }

    /// Returns the text with its known parts encoded by `encode`, which encodes each character by itself, and with
    /// unknown parts of this form.
    #[must_use]
    pub fn encoded(&self, encode: impl Fn(&str) -> String, form: Form) -> Self {
        let part = |part: &Part| match part {
            Part::Known(text) => Part::Known(encode(text)),
            Part::Sensitive(Sensitive(text)) => Part::Sensitive(Sensitive(encode(text))),
            Part::Unknown(gap) => Part::Unknown(Gap { form, ..gap.clone() }),
            Part::OneOf(texts) => Part::OneOf(texts.iter().map(|text| encode(text)).collect()),
        };
        Self(self.0.iter().map(part).collect())
    }

    /// Returns the parts.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.0
    }

    /// Returns true if both are the same text as far as they are known, whatever argument the unknown parts belong to.
    #[must_use]
    pub fn is_alike(&self, other: &Self) -> bool {
        let is_same = |pair: (&Part, &Part)| match pair {
            (Part::Unknown(own), Part::Unknown(other)) => own.origins == other.origins,
            (own, other) => own == other,
        };
        self.0.len() == other.0.len() && self.0.iter().zip(&other.0).all(is_same)
    }

    /// Returns the unknown parts.
    pub fn gaps(&self) -> impl Iterator<Item = &Gap> {
        self.0.iter().filter_map(|part| if let Part::Unknown(gap) = part { Some(gap) } else { None })
    }

    /// Returns the unknown part that is the whole text, if it is one.
    #[must_use]
    pub fn only_gap(&self) -> Option<&Gap> {
        if let [Part::Unknown(gap)] = self.parts() { Some(gap) } else { None }
    }

    /// Returns the origins of the unknown parts.
    #[must_use]
    pub fn origins(&self) -> Origins {
        self.gaps().map(|gap| gap.origins.clone()).collect()
    }

    /// Returns true if a part is sensitive.
    #[must_use]
    pub fn is_sensitive(&self) -> bool {
        self.0.iter().any(|part| matches!(part, Part::Sensitive(_)))
    }

    /// Returns true if `text` is a possible value: the known parts in order, with a text of its form for each unknown
    /// one.
    #[must_use]
    pub fn admits(&self, text: &str, syntax: Syntax) -> bool {
        Admission::of(self, syntax).admits(text)
    }

    /// Returns the argument whose unknown part does not have its form in `text`; none if `text` differs in a known
    /// part.
    #[must_use]
    pub fn misfit(&self, text: &str, syntax: Syntax) -> Option<&'static str> {
        let gaps: Vec<&Gap> = self.gaps().collect();
        let admits = |loosened: usize| Admission::of(self, syntax).loosened(loosened).admits(text);
        (1..=gaps.len()).find(|&loosened| admits(loosened)).and_then(|loosened| gaps[loosened - 1].argument)
    }

    /// Returns the full text, sensitive parts included, if all of it is known.
    #[must_use]
    pub fn reveal(&self) -> Option<String> {
        self.fill(|_| None)
    }

    /// Returns the text before the first unknown part, sensitive parts included.
    #[must_use]
    pub fn known_start(&self) -> String {
        let known = self.0.iter().map_while(|part| match part {
            Part::Known(text) | Part::Sensitive(Sensitive(text)) => Some(text.as_str()),
            _ => None,
        });
        known.collect()
    }

    /// Returns the full text as a run knows it before the step starts: with a sample in place of each part that the step
    /// makes from the name of the run.
    #[must_use]
    pub(super) fn sample(&self) -> Option<String> {
        self.fill(|gap| gap.origins.iter().eq([RUN]).then_some("run"))
    }

    /// Returns the full text, sensitive parts included, with these texts in place of unknown parts.
    #[must_use]
    pub fn fill<'a>(&self, mut text: impl FnMut(&Gap) -> Option<&'a str>) -> Option<String> {
        self.0.iter().try_fold(String::new(), |mut all, part| {
            match part {
                Part::Known(text) | Part::Sensitive(Sensitive(text)) => all.push_str(text),
                Part::Unknown(gap) => all.push_str(text(gap)?),
                Part::OneOf(_) => return None,
            }
            Some(all)
        })
    }
}

impl Sensitive {
    /// Returns the text.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

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
            Part::Unknown(gap) => write!(f, "({})", gap.origins),
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
            assert_eq!(url.admits(text, Syntax::Url), expected, "{text}");
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
            assert_eq!(url.admits(text, Syntax::Url), expected, "{text}");
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
