//! What can go wrong with a journal.

use std::io;
use std::path::PathBuf;

use crate::diagnostic::Diagnostic;

/// Why a journal could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The directory or the file cannot be made. Choose another directory, or get the right to write there.
    #[error("cannot write the journal in {}: {source}", path.display())]
    Create {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file cannot be read. Get the right to read it.
    #[error("cannot read the journal {}: {source}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is no such run. List the runs.
    #[error("there is no run `{name}` in {}", path.display())]
    Missing {
        /// What was asked for.
        name: String,
        /// Where it was looked for.
        path: PathBuf,
    },
    /// Several runs begin with what was given. Give more of the name.
    #[error("several runs begin with `{name}`: {}", found.join(", "))]
    Ambiguous {
        /// What was asked for.
        name: String,
        /// What begins so.
        found: Vec<String>,
    },
}

impl From<JournalError> for Diagnostic {
    fn from(error: JournalError) -> Self {
        let help = match &error {
            JournalError::Create { .. } => {
                "name a directory you may write to: `-journal DIR` or ARCBOOK_JOURNAL"
            }
            JournalError::Read { .. } => "see that the file is there and that you may read it",
            JournalError::Missing { .. } => "`arcbook runs` lists them; `latest` names the newest",
            JournalError::Ambiguous { .. } => "give more of its name",
        };
        Self::error("journal", error.to_string()).help(help)
    }
}
