//! Errors of journals.

use std::io;
use std::path::{Path, PathBuf};

use arcbook_os::lock_holder::LockHolder;

use super::Holder;
use crate::diagnostic::{Diagnostic, visible_line};

/// The reason why a journal could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The directory or the file cannot be created. Choose another directory, or get permission to write
    /// there.
    #[error("cannot write the journal in {}: {source}", path.display())]
    Create {
        /// The path.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The file cannot be read. Get permission to read it.
    #[error("cannot read the journal {}: {source}", path.display())]
    Read {
        /// The path.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// Records cannot be removed, or their removal cannot be recorded. Get permission to write there.
    #[error("cannot record the removal of records in {}: {source}", path.display())]
    Prune {
        /// The path.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The file that says which records left the machine cannot be read or written. Get permission to do so.
    #[error("cannot read or write which records left the machine in {}: {source}", path.display())]
    Marks {
        /// The path.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// No run has that name. List the runs.
    #[error("there is no run `{name}` in {}", path.display())]
    Missing {
        /// The given name.
        name: String,
        /// The searched path.
        path: PathBuf,
        /// The name that may have been meant, as a phrase.
        hint: Option<String>,
    },
    /// The directory of records is not there, or has no record of a run. Go to the directory where the run was
    /// started, or name the one of its records.
    #[error("no run is on record: {}", nowhere(path, *exists))]
    NoRecords {
        /// The searched path.
        path: PathBuf,
        /// True if the directory exists.
        exists: bool,
    },
    /// The recorded runs belong to other runbooks, or to this one at another place. Name the run.
    #[error(
        "no run of this runbook is on record: it is {}, the records are of {}",
        runbook(name, place),
        runbooks(found)
    )]
    Elsewhere {
        /// The name of the runbook.
        name: String,
        /// The directory of the runbook.
        place: String,
        /// The recorded runbooks, each by its name and its directory.
        found: Vec<(String, String)>,
        /// The newest run of a runbook whose directory is gone, which may be this runbook.
        moved: Option<String>,
    },
    /// The recorded runs belong to several runbooks. Name one.
    #[error("the records are of several runbooks: {}", runbooks(found))]
    Several {
        /// The recorded runbooks, each by its name and its directory.
        found: Vec<(String, String)>,
    },
    /// Several runs have that prefix. Give more of the name.
    #[error("several runs begin with `{name}`: {}", listed(found))]
    Ambiguous {
        /// The given prefix.
        name: String,
        /// The matching runs.
        found: Vec<String>,
    },
    /// The journal was changed after it was written. Do not trust it.
    #[error("the record of the run {run} was changed: {reason}")]
    Broken {
        /// The run.
        run: String,
        /// The reason.
        reason: String,
    },
    /// A line of the journal is no event that this version of arcbook knows. Use the version that wrote it.
    #[error("the record of the run {run} cannot be read: {reason}")]
    Unreadable {
        /// The run.
        run: String,
        /// The reason.
        reason: String,
    },
    /// A journal of a chain is missing. Put it back beside the others.
    #[error("the record of the run {run}, which {named_by} went on from, is not there")]
    Gone {
        /// The run.
        run: String,
        /// The run whose journal refers to it.
        named_by: String,
    },
    /// The run was killed before it did anything. Run the runbook from its beginning.
    #[error("there is nothing in the record of the run {run}")]
    Nothing {
        /// The run.
        run: String,
    },
    /// The run undid another one. Name that one.
    #[error("the run {run} took back what another one created")]
    Undo {
        /// The run.
        run: String,
    },
    /// Neither the directory of the runbook nor a substitute file can be locked. Provide a directory for that
    /// file.
    #[error("the runbook `{runbook}` cannot be locked: {source}")]
    Lock {
        /// The name of the runbook.
        runbook: String,
        /// The cause.
        source: io::Error,
    },
    /// Another process runs the same runbook, or holds its lock. Wait for it.
    #[error("`{runbook}` is {}", told(holder.as_ref(), process.as_ref()))]
    Locked {
        /// The name of the runbook.
        runbook: String,
        /// The run that holds the lock, if known.
        holder: Option<Holder>,
        /// The process that holds the lock, if the system tells.
        process: Option<LockHolder>,
    },
}

/// The remedy for a runbook that cannot be locked, on Unix and on Windows.
const STATE_REMEDIES: [&str; 2] = [
    "set XDG_STATE_HOME to a directory of yours on a local disk that you may write to",
    "set LOCALAPPDATA to a directory of yours on a local disk that you may write to",
];

/// The maximum number of runs that a message names.
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

/// Says that a directory of records is not there, or has no records. Only the whole path tells the user that arcbook
/// looked in a wrong directory.
fn nowhere(path: &Path, exists: bool) -> String {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let path = path.display();
    if exists { format!("there are no records in {path}") } else { format!("there is no directory {path}") }
}

fn told(holder: Option<&Holder>, process: Option<&LockHolder>) -> String {
    match (holder, process) {
        (Some(Holder { process, run }), _) => format!("being run by process {process}, as {run}"),
        (None, Some(LockHolder { process, program, user })) => {
            let program = program.as_ref().map(|program| format!(" (`{}`)", visible_line(program)));
            let user = user.as_ref().map(|user| format!(" of the user {user}"));
            let (program, user) = (program.unwrap_or_default(), user.unwrap_or_default());
            format!("locked by process {process}{program}{user}")
        }
        (None, None) => "being run by another process".to_owned(),
    }
}

/// The remedies for a runbook whose lock is held by a process that may be no run.
const HELD_UP: &str = "if that is no run of it, end that process; whoever may read the directory of the runbook can lock it, \
                       so take that right from users who may not hold it up (`chmod o-rx`)";

impl JournalError {
    /// Returns true if the journals do not support the request, so that nothing begins; false if a needed
    /// file cannot be written or locked.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        !matches!(
            self,
            Self::Create { .. }
                | Self::Prune { .. }
                | Self::Marks { .. }
                | Self::Lock { .. }
                | Self::Locked { .. }
        )
    }
}

impl From<JournalError> for Diagnostic {
    fn from(error: JournalError) -> Self {
        let help = match &error {
            JournalError::Create { .. } => {
                "name a directory you may write to: `-journal DIR` or ARCBOOK_JOURNAL"
            }
            JournalError::Read { .. } => "check that the file exists and that you may read it",
            JournalError::Prune { .. } => "get permission to write to that directory",
            JournalError::Marks { .. } => {
                "check the permissions of that file and of its directory, and the free space of the disk"
            }
            JournalError::Missing { .. } => "`arcbook runs` lists them; `latest` names the newest",
            JournalError::NoRecords { .. } => {
                "arcbook keeps records below the directory in which it is started: go to the one of the run, or name \
                 the directory of its records, `-journal DIR` or ARCBOOK_JOURNAL"
            }
            JournalError::Elsewhere { moved: Some(run), .. } => {
                return Self::error("journal", error.to_string()).help(format!(
                    "if it was moved or renamed since the run {run}, name the run, as in `-resume {run}`"
                ));
            }
            JournalError::Elsewhere { .. } => {
                "if the runbook was moved, name the run, as in `-resume RUN`: `arcbook runs` lists them"
            }
            JournalError::Several { .. } => {
                "name the runbook, `-runbook PATH`, or the run: `arcbook runs` lists them"
            }
            JournalError::Ambiguous { .. } => "give more of its name",
            JournalError::Broken { .. } => {
                "check it with `arcbook verify`, and check who may write to that directory"
            }
            JournalError::Unreadable { .. } => {
                "another version of arcbook, or another program, wrote it: use the version that `run_started` names"
            }
            JournalError::Gone { .. } => {
                "restore the record beside the others: the changes of that run are unknown without it"
            }
            JournalError::Nothing { .. } => "it changed nothing: start a new run",
            JournalError::Undo { .. } => "name the undone run, or another one",
            JournalError::Lock { .. } => STATE_REMEDIES[usize::from(cfg!(windows))],
            JournalError::Locked { .. } => "wait for the end of that run; `-lock-timeout 5m` does",
        };
        let hint = match &error {
            JournalError::Missing { hint, .. } => hint.clone(),
            JournalError::Locked { holder: None, process: Some(_), .. } => Some(HELD_UP.to_owned()),
            _ => None,
        };
        let message = error.to_string();
        let message = match error {
            JournalError::Locked { .. } => Self::error("runbook-locked", message),
            _ => Self::error("journal", message),
        };
        message.maybe_help(hint).help(help)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_remedy_names_a_variable_of_the_platform() {
        for (remedy, variable) in STATE_REMEDIES.iter().zip(["XDG_STATE_HOME", "LOCALAPPDATA"]) {
            assert!(remedy.contains(variable), "{remedy}");
        }
        let source = io::Error::other("no");
        let error: Diagnostic = JournalError::Lock { runbook: "a".to_owned(), source }.into();
        assert_eq!(error.help, [STATE_REMEDIES[usize::from(cfg!(windows))]]);
    }

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
