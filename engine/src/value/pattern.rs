//! Describes texts of which only some parts are known.

use std::fmt;
use std::sync::Arc;

use super::Origins;

/// A part of a [`Pattern`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextPart {
    /// Known text.
    Known(Arc<str>),
    /// Text that is not known yet.
    Unknown(Origins, TextKind),
}

/// The kind of an unknown text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TextKind {
    /// Any text.
    #[default]
    Plain,
    /// A path of any number of segments, such as an ARM id.
    Path,
}

/// The parts of an unknown text: at least one of them is unknown, and no two neighbours are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(Arc<[TextPart]>);

impl Pattern {
    pub(super) fn new(parts: impl Into<Arc<[TextPart]>>) -> Self {
        Self(parts.into())
    }

    /// Returns the parts in order.
    #[must_use]
    pub fn parts(&self) -> &[TextPart] {
        &self.0
    }

    /// Returns true if a part is known.
    #[must_use]
    pub fn is_partly_known(&self) -> bool {
        self.0.iter().any(|part| matches!(part, TextPart::Known(_)))
    }

    /// Returns the number of bytes of the known parts.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let bytes = |part: &TextPart| if let TextPart::Known(text) = part { text.len() } else { 0 };
        self.0.iter().map(bytes).sum()
    }

    /// Returns true if `text` has the known parts in their order, with any text in place of each unknown part.
    #[must_use]
    pub fn admits(&self, text: &str) -> bool {
        let (parts, text) = match self.0.split_last() {
            Some((TextPart::Known(end), parts)) => match text.strip_suffix(&**end) {
                Some(text) => (parts, text),
                None => return false,
            },
            _ => (&*self.0, text),
        };
        let mut rest = text;
        for (at, part) in parts.iter().enumerate() {
            let TextPart::Known(known) = part else { continue };
            let found = if at == 0 { rest.strip_prefix(&**known) } else { after(rest, known) };
            match found {
                Some(after) => rest = after,
                None => return false,
            }
        }
        true
    }

    /// Returns whether the text starts with `prefix`; none if that depends on an unknown part.
    #[must_use]
    pub fn starts_with(&self, prefix: &str) -> Option<bool> {
        let start = self.stable_start();
        if start.starts_with(prefix) {
            return Some(true);
        }
        (!prefix.starts_with(start)).then_some(false)
    }

    /// Returns whether the text ends with `suffix`; none if that depends on an unknown part.
    #[must_use]
    pub fn ends_with(&self, suffix: &str) -> Option<bool> {
        let end = self.stable_end();
        if end.ends_with(suffix) {
            return Some(true);
        }
        (!suffix.ends_with(end)).then_some(false)
    }

    /// Returns the start of the text that no unknown part can change.
    ///
    /// Strings are normalized to form C, so a combining character after a letter changes the letter.
    fn stable_start(&self) -> &str {
        let Some(TextPart::Known(start)) = self.0.first() else { return "" };
        match start.char_indices().next_back() {
            Some((at, last)) if !is_stable(last) => &start[..at],
            _ => start,
        }
    }

    /// Returns the end of the text that no unknown part can change; an ASCII character combines with nothing
    /// before it.
    fn stable_end(&self) -> &str {
        match self.0.last() {
            Some(TextPart::Known(end)) if end.starts_with(|first: char| first.is_ascii()) => end,
            _ => "",
        }
    }
}

/// Returns the rest of `text` after the first occurrence of `known`.
fn after<'a>(text: &'a str, known: &str) -> Option<&'a str> {
    text.find(known).map(|at| &text[at + known.len()..])
}

/// Returns true if no character after this one changes it.
fn is_stable(last: char) -> bool {
    last.is_ascii() && !last.is_ascii_alphabetic() && !"<=>".contains(last)
}

impl fmt::Display for Pattern {
    /// Writes the known parts, with `(known after step.a.b)` in place of each unknown one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|part| match part {
            TextPart::Known(text) => f.write_str(text),
            TextPart::Unknown(origins, _) => write!(f, "({origins})"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{TextBuilder, Value};
    use super::*;

    /// Returns the pattern of a text in which `*` stands for an unknown part.
    fn pattern(text: &str) -> Pattern {
        let mut built = TextBuilder::default();
        for (at, known) in text.split('*').enumerate() {
            if at > 0 {
                built.push_unknown(&Origins::of("step.a.b"), TextKind::Path);
            }
            built.push_str(known);
        }
        built.build().pattern().cloned().expect("a pattern")
    }

    #[test]
    fn the_known_parts_are_admitted_in_their_order() {
        for (planned, text, expected) in [
            ("/a/*/b", "/a/x/b", true),
            ("/a/*/b", "/a//b", true),
            ("/a/*/b", "/a/b", false),
            ("/a/*/b", "/a/x/y/b", true),
            ("/a/*/b", "/a/x/c", false),
            ("/a/*", "/a/", true),
            ("/a/*", "/b/a/", false),
            ("*b*", "abc", true),
            ("*b*", "ac", false),
            ("*/b", "a/b/b", true),
            ("a*a", "a", false),
            ("*-*-*", "1-2", false),
            ("*-*-*", "1-2-3-4", true),
        ] {
            assert_eq!(pattern(planned).admits(text), expected, "{planned} {text}");
        }
    }

    #[test]
    fn a_known_start_decides_as_far_as_nothing_combines_with_it() {
        for (planned, prefix, expected) in [
            ("/a/*", "/a", Some(true)),
            ("/a/*", "/a/", Some(true)),
            ("/a/*", "/a/b", None),
            ("/a/*", "/b", Some(false)),
            ("vm*", "v", Some(true)),
            ("vm*", "vm", None),
            ("vm*", "vn", None),
            ("vm*", "w", Some(false)),
            ("a=*", "a=", None),
            ("*a", "a", None),
            ("*a", "", Some(true)),
        ] {
            assert_eq!(pattern(planned).starts_with(prefix), expected, "{planned} {prefix}");
        }
        for (planned, suffix, expected) in [
            ("*.json", ".json", Some(true)),
            ("*.json", "x.json", None),
            ("*.json", ".yml", Some(false)),
            ("*\u{301}a", "a", None),
            ("a*", "a", None),
        ] {
            assert_eq!(pattern(planned).ends_with(suffix), expected, "{planned} {suffix}");
        }
    }

    #[test]
    fn a_pattern_is_shown_with_its_origins() {
        let shown = |text| pattern(text).to_string();
        assert_eq!(shown("/a/*/b"), "/a/(known after step.a.b)/b");
        assert!(Value::from("a").pattern().is_none());
    }
}
