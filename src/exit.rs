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

impl Exit {
    /// What the system is told.
    pub fn code(self) -> i32 {
        self.number().into()
    }

    fn number(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Pending => 2,
            Self::Wrong => 3,
            Self::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.number())
    }
}
