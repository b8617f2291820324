//! Splits the paths of Azure Resource Manager into segments.

use arcbook_engine::step::{Part, Text};

/// A path that may have unknown parts.
///
/// An unknown part stands for one segment, except at the start: there it stands for a whole id, which ends in a
/// name.
#[derive(Debug, Default)]
pub struct Path {
    /// The unknown id at the start.
    pub start: Option<Text>,
    /// The segments, without empty ones.
    pub segments: Vec<Segment>,
}

/// Returns the scope of the resource at `path`: the path with a slash before it, if its start is known.
pub fn scope(path: &Text) -> Text {
    let path = Path::parse(path);
    path.prefix(path.segments.len())
}

/// A segment of a path.
#[derive(Clone, Debug)]
pub struct Segment {
    text: Text,
    /// The text, if it is known and not sensitive.
    known: Option<String>,
}

impl Segment {
    /// Returns the text, which may have unknown and sensitive parts.
    pub fn text(&self) -> &Text {
        &self.text
    }

    /// Returns the text, if it is known and not sensitive.
    pub fn known(&self) -> Option<&str> {
        self.known.as_deref()
    }

    /// Returns true if the segment is known to be this word, in any case.
    pub fn is(&self, word: &str) -> bool {
        self.known().is_some_and(|known| known.eq_ignore_ascii_case(word))
    }
}

impl Path {
    /// Splits a path, with or without a slash at its start, as the service reads it: an encoded letter is that letter.
    pub fn parse(text: &Text) -> Self {
        let mut path = Self::default();
        let mut current = Text::new();
        for part in text.parts() {
            let Part::Known(known) = part else {
                current = current.then_text(&part.clone().into());
                continue;
            };
            for (at, piece) in decoded(known).split('/').enumerate() {
                if at > 0 {
                    path.push(std::mem::take(&mut current));
                }
                if !piece.is_empty() {
                    current = current.then(piece);
                }
            }
        }
        path.push(current);
        path
    }

    fn push(&mut self, text: Text) {
        if text.parts().is_empty() {
            return;
        }
        let is_public = text.parts().iter().all(|part| matches!(part, Part::Known(_)));
        let known = text.reveal().filter(|_| is_public);
        if known.is_none() && self.segments.is_empty() && self.start.is_none() {
            self.start = Some(text);
        } else {
            self.segments.push(Segment { text, known });
        }
    }

    /// Returns the first `count` segments.
    pub fn first(&self, count: usize) -> Self {
        let segments = self.segments[..count.min(self.segments.len())].to_vec();
        Self { start: self.start.clone(), segments }
    }

    /// Returns the path of the first `count` segments.
    pub fn prefix(&self, count: usize) -> Text {
        let start = self.start.clone().unwrap_or_default();
        let segments = &self.segments[..count.min(self.segments.len())];
        let path = segments.iter().fold(start, |path, segment| path.then("/").then_text(&segment.text));
        if path.parts().is_empty() { "/".into() } else { path }
    }

    /// Returns the position of the last segment `providers` that is followed by a provider and a type.
    pub fn provider(&self) -> Option<usize> {
        let is_provider = |at: &usize| self.segments.get(*at).is_some_and(|segment| segment.is("providers"));
        // A name, such as that of a resource group, stands at an odd position.
        (0..self.segments.len().saturating_sub(2)).rev().filter(|at| at % 2 == 0).find(is_provider)
    }
}

/// Decodes the characters of a path that need no encoding, as the service does.
pub(crate) fn decoded(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(at) = rest.find('%') {
        let code = rest.get(at + 1..at + 3).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let plain = code.map(char::from).filter(|c| c.is_ascii_alphanumeric() || "-._~".contains(*c));
        let end = if plain.is_some() { at + 3 } else { at + 1 };
        out.push_str(&rest[..at]);
        match plain {
            Some(plain) => out.push(plain),
            None => out.push('%'),
        }
        rest = &rest[end..];
    }
    out + rest
}
