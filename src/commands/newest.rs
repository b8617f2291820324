//! Finds the newest run of a runbook.

use std::path::Path;

use arcbook_engine::diagnostic::Diagnostic;
use arcbook_engine::journal::{self, Directory, History, JournalError, Of};
use arcbook_engine::runbook::Files;

/// The default runbook.
pub const HERE: &str = ".";

/// The reason why no run was selected.
pub enum Refusal {
    /// No run of the runbook is among the records: the reason, without a full stop.
    NoRun(String),
    /// The records cannot be read.
    Records(JournalError),
    /// The runbook cannot be found.
    Runbook(Box<Diagnostic>),
}

impl From<JournalError> for Refusal {
    fn from(error: JournalError) -> Self {
        Self::Records(error)
    }
}

/// Reads the history of one of the runs that are admitted.
type Read = fn(&Directory, Of<'_>) -> Result<History, JournalError>;

/// Returns the history of the newest run of the runbook at `path` that changed something; if there is no runbook, of the
/// only one on record. A refusal suggests `command` with the name of a run.
pub fn with_changes(path: &Path, directory: &Directory, command: &str) -> Result<History, Refusal> {
    of(path, directory, command, History::of_newest_changes)
}

fn of(path: &Path, directory: &Directory, command: &str, read: Read) -> Result<History, Refusal> {
    match Files::find(path) {
        Ok(files) => {
            let place =
                arcbook_os::path::canonicalize(&files.directory).unwrap_or_else(|_| files.directory.clone());
            let names = names(path, &files);
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            named(directory, &names, &place.to_string_lossy(), command, read)
        }
        Err(found) if path == Path::new(HERE) && found.code == "no-runbook" => only(directory, command, read),
        Err(found) => Err(Refusal::Runbook(found)),
    }
}

/// Returns the name of the newest run of the runbook at `path`, or the error for the user.
pub fn run_of(path: &Path, directory: &Directory, command: &str) -> Result<String, Box<Diagnostic>> {
    match of(path, directory, command, |directory, of| History::read(directory, "latest", of)) {
        Ok(history) => Ok(history.prior_run.lineage.run),
        Err(Refusal::NoRun(why)) => {
            let help = "run the runbook, or name a run: `arcbook runs` lists them";
            Err(Diagnostic::error("journal", why).help(help).into())
        }
        Err(Refusal::Records(error)) => Err(Box::new(error.into())),
        Err(Refusal::Runbook(diagnostic)) => Err(diagnostic),
    }
}

/// Returns the names of a runbook: a directory with one file and that file name the same runbook.
fn names(path: &Path, files: &Files) -> Vec<String> {
    let other = if path.is_dir() { &files.runbook[0] } else { &files.directory };
    let is_same = |other: &Files| files.runbook.len() == 1 && other.runbook.len() == 1;
    let other = Files::find(other).ok().filter(is_same).map(|other| other.name);
    [files.name.clone()].into_iter().chain(other).collect()
}

/// Returns the newest run of the only runbook on record.
fn only(directory: &Directory, command: &str, read: Read) -> Result<History, Refusal> {
    let found: Vec<_> = journal::runbooks(directory)?.into_iter().collect();
    match found.as_slice() {
        [] => Err(none(directory)),
        [(name, place)] => named(directory, &[name], place, command, read),
        _ => Err(JournalError::Several { found }.into()),
    }
}

fn named(
    directory: &Directory,
    names: &[&str],
    place: &str,
    command: &str,
    read: Read,
) -> Result<History, Refusal> {
    read(directory, Of::Runbook(names, place)).map_err(|error| match error {
        JournalError::Missing { .. } => none(directory),
        JournalError::Elsewhere { ref moved, .. } => {
            let run = moved
                .as_ref()
                .map(|run| format!("; if it was moved or renamed, name its run: `arcbook {command} {run}`"));
            Refusal::NoRun(format!("{error}{}", run.unwrap_or_default()))
        }
        error => Refusal::Records(error),
    })
}

/// Returns the refusal of a directory without a run that has begun. A killed run leaves the file of a record without a
/// line; a directory without any is probably the wrong one.
fn none(directory: &Directory) -> Refusal {
    if directory.ids().is_ok_and(|ids| ids.is_empty()) {
        return directory.no_records().into();
    }
    Refusal::NoRun(format!("no run of this runbook is on record in {}", directory.path().display()))
}
