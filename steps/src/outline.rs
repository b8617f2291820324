//! Texts of which only some parts are known, as step types check and write them.

use arcbook_engine::step::{Form, Text};
use arcbook_engine::value::{Origins, TextKind, TextPart};

/// The character in place of an unknown part. No argument accepts it, since it is a control character.
pub(crate) const GAP: char = '\0';

/// A partly known text, with [`GAP`] in place of each unknown part, so that it can be checked like a known one.
pub(crate) struct Outline<'a> {
    text: String,
    gaps: Vec<(&'a Origins, TextKind)>,
}

impl<'a> Outline<'a> {
    /// Returns the outline of these parts.
    pub fn of(parts: &'a [TextPart]) -> Self {
        let (mut text, mut gaps) = (String::new(), Vec::new());
        for part in parts {
            match part {
                // Another control character is as wrong, and no unknown part.
                TextPart::Known(known) => text.push_str(&known.replace(GAP, "\u{1}")),
                TextPart::Unknown(origins, kind) => {
                    text.push(GAP);
                    gaps.push((origins, *kind));
                }
            }
        }
        Self { text, gaps }
    }

    /// Returns the text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the known parts.
    pub fn known(&self) -> impl Iterator<Item = &str> {
        self.text.split(GAP).filter(|known| !known.is_empty())
    }

    /// Returns true if the text is unknown as a whole, and of no particular kind.
    pub fn is_unknown(&self) -> bool {
        self.text.len() == GAP.len_utf8() && self.has_no_path()
    }

    /// Returns true if no unknown part is a path.
    pub fn has_no_path(&self) -> bool {
        self.gaps.iter().all(|(_, kind)| *kind == TextKind::Plain)
    }

    /// Returns the origins of all unknown parts.
    pub fn origins(&self) -> Origins {
        self.gaps.iter().map(|&(origins, _)| origins.clone()).collect()
    }

    /// Writes `text`, a part of the outline's text with its first unknown part, if it has one: known parts are
    /// encoded by `encode`, and a path stays one.
    pub fn write(&self, text: &str, encode: impl Fn(&str) -> String) -> Text {
        self.write_as(text, encode, |_, kind| match kind {
            TextKind::Plain => Form::Segment,
            TextKind::Path => Form::Path,
        })
    }

    /// Writes `text` as [`Self::write`] does; `form` tells the form of an unknown part by its index and kind.
    pub fn write_as(
        &self,
        text: &str,
        encode: impl Fn(&str) -> String,
        form: impl Fn(usize, TextKind) -> Form,
    ) -> Text {
        let mut known = text.split(GAP);
        let then = |written: Text, known: &str| {
            if known.is_empty() { written } else { written.then(encode(known)) }
        };
        let start = then(Text::new(), known.next().unwrap_or_default());
        known.zip(&self.gaps).enumerate().fold(start, |written, (at, (known, &(origins, kind)))| {
            then(written.then_unknown(origins.clone(), form(at, kind)), known)
        })
    }
}

#[cfg(test)]
mod tests;
