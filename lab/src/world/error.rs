//! Errors of a world file.

use std::io;

use super::read;

/// A world file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum WorldError {
    /// The file could not be opened or read; check its path and its permissions.
    #[error("{file}: cannot be read: {source}")]
    Read {
        /// The file as the caller named it.
        file: String,
        /// The operating system's error.
        source: io::Error,
    },
    /// The file exceeds the size limit; it is probably not a world file.
    #[error("{file}: longer than {limit} bytes, which no world file is; name another file")]
    TooLong {
        /// The file as the caller named it.
        file: String,
        /// Maximum size in bytes.
        limit: u64,
    },
    /// The text is not HCL; the message says what the parser expected there.
    #[error("{file}:{line}:{column}: not HCL: {message}")]
    Syntax {
        /// The file as the caller named it.
        file: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// The parser's message.
        message: String,
    },
    /// A block or attribute is unknown, or has an invalid value; the remedy says what is valid.
    #[error("{file}{}: {place}{message}; {remedy}", line.map(|line| format!(":{line}")).unwrap_or_default())]
    Meaning {
        /// The file as the caller named it.
        file: String,
        /// Line of the block or attribute, from 1, if known.
        line: Option<usize>,
        /// The block or attribute, followed by `: `, or empty.
        place: String,
        /// The error.
        message: String,
        /// The remedy.
        remedy: String,
    },
    /// The file has several mistakes, each of which is one of the others here.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Several(Vec<WorldError>),
}

impl WorldError {
    /// Returns the mistakes in the order of the file.
    #[must_use]
    pub fn each(&self) -> Vec<&Self> {
        match self {
            Self::Several(all) => all.iter().collect(),
            one => vec![one],
        }
    }

    /// Returns the line of the mistake, from 1, if it is known.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        match self {
            Self::Syntax { line, .. } => Some(*line),
            Self::Meaning { line, .. } => *line,
            _ => None,
        }
    }

    /// Returns the mistakes of a file as one error. There is at least one.
    pub(super) fn all_of(mut all: Vec<Self>) -> Self {
        all.sort_by_key(Self::line);
        if all.len() == 1 { all.remove(0) } else { Self::Several(all) }
    }
}

/// An error in a block's content, before its line is known.
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

/// Renders `key_vault.kv.access_policy[1]: `, or an empty text for the file as a whole.
fn place(path: &[String]) -> String {
    let Some((first, rest)) = path.split_first() else { return String::new() };
    let join = |part: &String| if part.starts_with('[') { part.clone() } else { format!(".{part}") };
    format!("{first}{}: ", rest.iter().map(join).collect::<String>())
}
