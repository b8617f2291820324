//! Candidates, and which files are candidates too.

use std::fmt::Write;

use arcbook_engine::diagnostic::visible_line;

/// The words that a word may become.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Answer {
    pub candidates: Vec<Candidate>,
    /// The endings of the files that are candidates too, beside directories; the shell finds them.
    pub files: Option<&'static [&'static str]>,
}

/// A word, and what it means in a few words.
#[derive(Debug, PartialEq, Eq)]
pub struct Candidate {
    pub word: String,
    pub help: String,
}

impl Candidate {
    pub fn new(word: impl Into<String>, help: impl Into<String>) -> Self {
        Self { word: word.into(), help: help.into() }
    }
}

impl Answer {
    /// Those of `candidates` that go on from `begun`.
    pub fn of(candidates: impl IntoIterator<Item = Candidate>, begun: &str) -> Self {
        let candidates =
            candidates.into_iter().filter(|candidate| candidate.word.starts_with(begun)).collect();
        Self { candidates, files: None }
    }

    /// The files with one of these endings; any file where there is none.
    pub fn files(endings: &'static [&'static str]) -> Self {
        Self { candidates: Vec::new(), files: Some(endings) }
    }

    /// With the files of another answer.
    pub fn or_files(mut self, endings: &'static [&'static str]) -> Self {
        self.files = Some(endings);
        self
    }

    /// The same after `prefix`, which is the beginning of each word.
    pub fn within(mut self, prefix: &str) -> Self {
        for candidate in &mut self.candidates {
            candidate.word.insert_str(0, prefix);
        }
        self
    }

    /// The same without what a shell that breaks words at `=` and `:` leaves as it is.
    pub fn after_break(mut self, current: &str) -> Self {
        let kept = current.rfind(['=', ':']).map_or(0, |at| at + 1);
        for candidate in &mut self.candidates {
            candidate.word.drain(..kept.min(candidate.word.len()));
        }
        self
    }

    /// The lines that the scripts of the shells read: a candidate, a tab and what it means, and last `:files` with endings.
    pub fn lines(&self) -> String {
        let mut lines = String::new();
        for Candidate { word, help } in &self.candidates {
            // Writing to a string cannot fail.
            let _ = writeln!(lines, "{}\t{}", visible_line(word), visible_line(help));
        }
        if let Some(endings) = self.files {
            let endings: Vec<String> = endings.iter().map(|ending| format!(" {ending}")).collect();
            let _ = writeln!(lines, ":files{}", endings.concat());
        }
        lines
    }
}
