//! What can go wrong with a journal.

use std::io;
use std::path::PathBuf;

use super::Holder;
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
    /// The runs on record are of other runbooks, or of this one when it was elsewhere. Name the run.
    #[error(
        "no run of this runbook is on record: it is {}, the records are of {}",
        runbook(name, place),
        runbooks(found)
    )]
    Elsewhere {
        /// The name of the runbook.
        name: String,
        /// The directory that it lies in.
        place: String,
        /// The runbooks that there are runs of, each by its name and its directory.
        found: Vec<(String, String)>,
    },
    /// The runs on record are of several runbooks, and none of them was named. Name one.
    #[error("the records are of several runbooks: {}", runbooks(found))]
    Several {
        /// Each by its name and its directory.
        found: Vec<(String, String)>,
    },
    /// Several runs begin with what was given. Give more of the name.
    #[error("several runs begin with `{name}`: {}", listed(found))]
    Ambiguous {
        /// What was asked for.
        name: String,
        /// What begins so.
        found: Vec<String>,
    },
    /// The record is not what was written. Do not trust it.
    #[error("the record of the run {run} was changed: {reason}")]
    Broken {
        /// The run.
        run: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A record of a chain is not there. Put it back where the others are.
    #[error("the record of the run {run}, which {named_by} went on from, is not there")]
    Gone {
        /// The run.
        run: String,
        /// The run whose record names it.
        named_by: String,
    },
    /// The run was killed before it did anything. Run the runbook from its beginning.
    #[error("there is nothing in the record of the run {run}")]
    Nothing {
        /// The run.
        run: String,
    },
    /// The run took back another one. Name that one.
    #[error("the run {run} took back what another one created")]
    Undo {
        /// The run.
        run: String,
    },
    /// Neither the directory of the runbook can be locked nor a file in its stead. Have a directory for that.
    #[error("the runbook `{runbook}` cannot be locked: {source}")]
    Lock {
        /// The name of the runbook.
        runbook: String,
        /// Why.
        source: io::Error,
    },
    /// Another process runs the same runbook. Wait for it.
    #[error("`{runbook}` is being run by {}", told(holder.as_ref()))]
    Locked {
        /// The name of the runbook.
        runbook: String,
        /// Who runs it, when that can be told.
        holder: Option<Holder>,
    },
}

/// How many runs are named where there are many.
const NAMED: usize = 10;

fn listed(found: &[String]) -> String {
    let named = found[..found.len().min(NAMED)].join(", ");
    match found.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

fn runbook(name: &str, place: &str) -> String {
    format!("`{name}` in {place}")
}

fn runbooks(found: &[(String, String)]) -> String {
    let named: Vec<String> = found.iter().map(|(name, place)| runbook(name, place)).collect();
    listed(&named)
}

fn told(holder: Option<&Holder>) -> String {
    holder.map_or_else(
        || "another process".to_owned(),
        |Holder { process, run }| format!("process {process}, as {run}"),
    )
}

impl JournalError {
    /// Whether the records do not tell what is asked of them, so that nothing is begun; otherwise something that is
    /// needed cannot be written or locked.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        !matches!(self, Self::Create { .. } | Self::Lock { .. } | Self::Locked { .. })
    }
}

impl From<JournalError> for Diagnostic {
    fn from(error: JournalError) -> Self {
        let help = match &error {
            JournalError::Create { .. } => {
                "name a directory you may write to: `-journal DIR` or ARCBOOK_JOURNAL"
            }
            JournalError::Read { .. } => "see that the file is there and that you may read it",
            JournalError::Missing { .. } => "`arcbook runs` lists them; `latest` names the newest",
            JournalError::Elsewhere { .. } => {
                "if the runbook was moved, name the run, as in `-resume RUN`: `arcbook runs` lists them"
            }
            JournalError::Several { .. } => {
                "name the runbook, `-runbook PATH`, or the run: `arcbook runs` lists them"
            }
            JournalError::Ambiguous { .. } => "give more of its name",
            JournalError::Broken { .. } => "look at it with `arcbook verify` and at who may write there",
            JournalError::Gone { .. } => {
                "put the record back beside the others: without it nobody knows what that run did"
            }
            JournalError::Nothing { .. } => "it changed nothing: run the runbook from its beginning",
            JournalError::Undo { .. } => "name the run that was taken back, or another one",
            JournalError::Lock { .. } => {
                "name a directory of yours that you may write to in XDG_STATE_HOME, on a disk of this machine"
            }
            JournalError::Locked { .. } => "wait until that run is over; `-lock-timeout 5m` waits for it",
        };
        let message = error.to_string();
        let message = match error {
            JournalError::Locked { .. } => Self::error("runbook-locked", message),
            _ => Self::error("journal", message),
        };
        message.help(help)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_runs_ten_are_named() {
        let error = |count: usize| {
            let found = (0..count).map(|at| format!("2026-{at}")).collect();
            JournalError::Ambiguous { name: "2026".to_owned(), found }.to_string()
        };
        assert_eq!(error(2), "several runs begin with `2026`: 2026-0, 2026-1");
        assert!(error(10).ends_with(", 2026-9"), "{}", error(10));
        assert!(error(300).ends_with(", 2026-9 and 290 more"), "{}", error(300));
    }
}
