//! The words of a program.

use crate::step::{Process, Text};

/// A word of a program.
#[derive(Clone, Copy)]
pub(super) struct Word<'a> {
    /// The word, with phrases in place of its unknown parts.
    pub shown: &'a str,
    /// True if all of it is known.
    pub is_known: bool,
}

impl<'a> Word<'a> {
    /// Returns a word of which all is known.
    pub const fn known(shown: &'a str) -> Self {
        Self { shown, is_known: true }
    }

    /// Returns the word if all of it is known.
    pub fn whole(self) -> Option<&'a str> {
        self.is_known.then_some(self.shown)
    }
}

/// Returns words as they are looked at.
pub(super) fn views(words: &[(String, bool)]) -> Vec<Word<'_>> {
    words.iter().map(|(shown, is_known)| Word { shown, is_known: *is_known }).collect()
}

/// Returns the words of a program, each with true if all of it is known.
pub(super) fn words(process: &Process) -> Vec<(String, bool)> {
    let word = |text: &Text| {
        let known = text.reveal();
        let is_known = known.is_some();
        (known.unwrap_or_else(|| text.to_string()), is_known)
    };
    process.argv.known().unwrap_or_default().iter().map(word).collect()
}
