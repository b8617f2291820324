//! Decides which command goes on after a run or an undo that did not succeed: none that would do nothing is named.

use std::collections::HashSet;
use std::sync::Arc;

use arcbook_engine::journal::{Directory, History, Journal, JournalError, Of, RunRecord};
use arcbook_engine::plan::{Plan, abridged};
use arcbook_steps::Azure;

use super::chain;

/// A command that goes on.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// The run can be resumed.
    Resume,
    /// The changes of the run can be undone.
    Undo,
    /// Another attempt would stop at these steps again.
    Stuck(Vec<String>),
}

/// Returns the commands that go on after the run `id` of `plan`; `gone` is the reason why its Azure is gone, if it is.
pub fn after_run(
    (directory, id): (&Directory, &str),
    plan: &Plan,
    azure: &Arc<Azure>,
    gone: Option<&str>,
) -> Result<Vec<Next>, JournalError> {
    let undoable = || -> Result<bool, JournalError> {
        let history = History::read(directory, id, Of::Any)?;
        Ok(!chain::undo_without(&history, azure, gone).steps.is_empty())
    };
    if gone.is_some() {
        return Ok(undoable()?.then_some(Next::Undo).into_iter().collect());
    }
    let journal = Journal::read(&directory.file(id))?;
    let run = RunRecord::of(&journal);
    let stuck = run.stuck();
    if run.can_go_on(&plan.waiting_for(&stuck)) {
        return Ok(vec![Next::Resume]);
    }
    let undo = undoable()?.then_some(Next::Undo);
    Ok([Next::Stuck(owned(&stuck))].into_iter().chain(undo).collect())
}

/// Returns what goes on after an undo with that record, which did not succeed.
pub fn after_undo(directory: &Directory, id: &str) -> Result<Next, JournalError> {
    let journal = Journal::read(&directory.file(id))?;
    let run = RunRecord::of(&journal);
    Ok(if can_go_on(&run) { Next::Undo } else { Next::Stuck(owned(&run.stuck())) })
}

/// Returns true if a command that goes on from the run would do something, as far as its record alone tells.
pub fn can_go_on(run: &RunRecord<'_>) -> bool {
    run.can_go_on(&HashSet::new())
}

/// Says that another attempt, `what`, would stop at `steps` again, and what to do `instead`.
pub fn told(what: &str, steps: &[String], instead: &str) -> String {
    format!("{what} would do nothing: it would stop at {} again. {instead}", abridged(steps))
}

fn owned(steps: &[&str]) -> Vec<String> {
    steps.iter().map(|step| (*step).to_owned()).collect()
}
