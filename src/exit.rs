//! How the program ends.

use std::process::ExitCode;

/// How the program ends, as scripts see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// What was asked for is done.
    Done,
    /// Something failed while it was done, or was not approved.
    Failed,
    /// Something would change.
    Pending,
    /// The runbook or the command is wrong; nothing was done.
    Wrong,
    /// The user stopped it.
    Interrupted,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Pending => 2,
            Exit::Wrong => 3,
            Exit::Interrupted => 130,
        })
    }
}
