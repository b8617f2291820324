//! Defines lists of texts whose length may be unknown.

use std::fmt;

use crate::value::Origins;

use super::{Syntax, Text};
use crate::diagnostic::is_hidden;

/// A list of texts, such as the arguments of a program.
///
/// `Display` separates the texts by spaces, and quotes those that a shell would not read as one word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Texts {
    /// The texts, each of which may be partly unknown.
    Known(Vec<Text>),
    /// A list whose length is not known before these origins.
    Unknown(Origins),
}

impl Texts {
    /// Returns the texts; none if their number is unknown.
    #[must_use]
    pub fn known(&self) -> Option<&[Text]> {
        match self {
            Self::Known(texts) => Some(texts),
            Self::Unknown(_) => None,
        }
    }

    /// Returns true if every text is known.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.known().is_some_and(|texts| texts.iter().all(|text| text.reveal().is_some()))
    }

    /// Returns true if `actual`, which must be known, is a possible value of this list.
    #[must_use]
    pub fn admits(&self, actual: &Self) -> bool {
        let (Some(planned), Some(actual)) = (self.known(), actual.known()) else { return actual.is_known() };
        let admits = |(planned, actual): (&Text, &Text)| {
            actual.reveal().is_some_and(|actual| planned.admits(&actual, Syntax::Plain))
        };
        planned.len() == actual.len() && planned.iter().zip(actual).all(admits)
    }

    /// Returns the texts as they are shown.
    #[must_use]
    pub fn shown(&self) -> Vec<String> {
        match self {
            Self::Known(texts) => texts.iter().map(ToString::to_string).collect(),
            Self::Unknown(origins) => vec![format!("({origins})")],
        }
    }
}

impl Default for Texts {
    fn default() -> Self {
        Self::Known(Vec::new())
    }
}

impl FromIterator<Text> for Texts {
    fn from_iter<I: IntoIterator<Item = Text>>(texts: I) -> Self {
        Self::Known(texts.into_iter().collect())
    }
}

impl fmt::Display for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&words(&self.shown()))
    }
}

/// Joins texts with spaces, and quotes those that a shell would not read as one word. The result has no line feeds.
pub(crate) fn words(texts: &[String]) -> String {
    texts.iter().map(|text| word(text)).collect::<Vec<_>>().join(" ")
}

fn word(text: &str) -> String {
    let is_phrase = text.starts_with('(') && text.ends_with(')');
    let is_plain = |next: char| next.is_alphanumeric() || "-_./=:,+@%…".contains(next);
    if text.contains(is_hidden) {
        // Bash reads it so.
        let escaped = text.chars().map(|next| match next {
            '\n' => r"\n".to_owned(),
            '\t' => r"\t".to_owned(),
            '\\' | '\'' => format!(r"\{next}"),
            next if is_hidden(next) => format!(r"\U{:08x}", u32::from(next)),
            next => next.to_string(),
        });
        format!("$'{}'", escaped.collect::<String>())
    } else if is_phrase || !text.is_empty() && text.chars().all(is_plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::Arg;

    #[test]
    fn a_list_admits_its_possible_values() {
        let later = || Text::new().then_arg(&Arg::<String>::Unknown(Origins::of("step.a.b")), Clone::clone);
        let known = |texts: &[&str]| texts.iter().map(|&text| Text::from(text)).collect::<Texts>();
        let open = Texts::Unknown(Origins::of("step.a.b"));
        for (planned, actual, expected) in [
            (known(&["a", "b"]), known(&["a", "b"]), true),
            (known(&["a"]), known(&["a", "b"]), false),
            (known(&["a", "b"]), known(&["a b"]), false),
            (Texts::from_iter(["a".into(), later()]), known(&["a", "any thing"]), true),
            (Texts::from_iter(["a".into(), later()]), known(&["a"]), false),
            (open.clone(), known(&["a", "b"]), true),
            (open.clone(), Texts::from_iter([later()]), false),
            (open.clone(), open, false),
        ] {
            assert_eq!(planned.admits(&actual), expected, "{planned:?} {actual:?}");
        }
    }

    #[test]
    fn words_are_told_apart() {
        for (texts, expected) in [
            (&["sh", "-c", "a b"][..], "sh -c 'a b'"),
            (&["printf", "", "it's"], r"printf '' 'it'\''s'"),
            (&["rm", "(known after step.a.b)"], "rm (known after step.a.b)"),
            (&["sh", "-c", "a\n\tb\\n 'c'"], r"sh -c $'a\n\tb\\n \'c\''"),
            (&["(a\nb)", "\x1b[2J"], r"$'(a\nb)' $'\U0000001b[2J'"),
        ] {
            assert_eq!(texts.iter().map(|&text| Text::from(text)).collect::<Texts>().to_string(), expected);
        }
    }
}
