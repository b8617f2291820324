//! What can be wrong with a world file.

use std::io;

use super::read;

/// A world file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum WorldError {
    /// The file could not be opened or read; check its path and its permissions.
    #[error("{file}: cannot be read: {source}")]
    Read {
        /// The file as it was named.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// The file is longer than any world is; it is probably something else.
    #[error("{file}: longer than {limit} bytes, which no world file is; name another file")]
    TooLong {
        /// The file as it was named.
        file: String,
        /// The most that is read.
        limit: u64,
    },
    /// The text is not HCL; the message says what was expected at the place.
    #[error("{file}:{line}:{column}: not HCL: {message}")]
    Syntax {
        /// The file as it was named.
        file: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What the parser expected.
        message: String,
    },
    /// A block or attribute means nothing here, or not that; the message says what would.
    #[error("{file}{}: {place}{message}; {remedy}", line.map(|line| format!(":{line}")).unwrap_or_default())]
    Meaning {
        /// The file as it was named.
        file: String,
        /// Line of the block or attribute, from 1, where it is known.
        line: Option<usize>,
        /// The block or attribute, followed by `: `, or nothing.
        place: String,
        /// What is wrong.
        message: String,
        /// What to do.
        remedy: String,
    },
}

/// Something wrong with what a block says, before its line is known.
#[derive(Debug)]
pub(super) struct Problem {
    pub path: Vec<String>,
    pub message: String,
    pub remedy: String,
}

impl Problem {
    pub(super) fn new(path: &[&str], message: impl Into<String>, remedy: impl Into<String>) -> Self {
        let path = path.iter().map(|part| (*part).to_owned()).collect();
        Self { path, message: message.into(), remedy: remedy.into() }
    }

    pub(super) fn in_file(self, text: &str, name: &str) -> WorldError {
        let line = read::line_of(text, &self.path);
        let place = place(&self.path);
        WorldError::Meaning { file: name.to_owned(), line, place, message: self.message, remedy: self.remedy }
    }
}

/// `key_vault.kv.access_policy[1]: `, or nothing for the file as a whole.
fn place(path: &[String]) -> String {
    let Some((first, rest)) = path.split_first() else { return String::new() };
    let join = |part: &String| if part.starts_with('[') { part.clone() } else { format!(".{part}") };
    format!("{first}{}: ", rest.iter().map(join).collect::<String>())
}
