//! Tells which of the files that a run writes may be run, or decide about what runs.

use std::collections::BTreeSet;

use crate::plan::Listing;
use crate::source::{comparable, is_elsewhere};
use crate::step::KindFacts;

/// The directories whose files no program of the system runs, or decides by.
const OF_NOBODY: [&str; 3] = ["/tmp/", "/var/tmp/", "/var/log/"];

/// The words of the programs that a run starts.
pub(super) struct RunFiles {
    words: BTreeSet<String>,
}

impl RunFiles {
    pub fn of(listing: &Listing) -> Self {
        let actions = listing.steps.iter().flat_map(|step| &step.actions);
        let words = actions.flat_map(|action| match &action.kind {
            KindFacts::Exec { argv, .. } => argv.as_slice(),
            _ => &[],
        });
        let split = words.flat_map(|word| {
            word.split(|next: char| {
                next.is_whitespace() || matches!(next, '"' | '\'' | '/' | '\\' | ';' | '=' | '@')
            })
        });
        Self { words: split.map(str::to_ascii_lowercase).filter(|word| !word.is_empty()).collect() }
    }

    /// Returns true for the writing of a file that can be executed, that a program of the run names, or that is outside of the
    /// directory of the run, where a program of the system may read or run it.
    pub fn has(&self, kind: &KindFacts) -> bool {
        let KindFacts::WriteFile { path, mode } = kind else { return false };
        let mode = mode.as_deref().and_then(|mode| u32::from_str_radix(mode, 8).ok());
        let path = comparable(path);
        let name = path.rsplit('/').next().unwrap_or_default();
        let is_elsewhere = is_elsewhere(&path) || path.contains(':');
        (is_elsewhere && !OF_NOBODY.iter().any(|directory| path.starts_with(directory)))
            // Nobody can tell from here where it is.
            || ["(known after", "(given to the run as"].iter().any(|later| path.contains(later))
            || self.words.contains(name)
            || mode.is_some_and(|mode| mode & 0o111 != 0)
    }
}
