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

/// Returns the words of a program, each with true if all of it is known.
pub(super) fn words(process: &Process) -> Vec<(String, bool)> {
    let word = |text: &Text| {
        let known = text.reveal();
        let is_known = known.is_some();
        (known.unwrap_or_else(|| text.to_string()), is_known)
    };
    process.argv.known().unwrap_or_default().iter().map(word).collect()
}
