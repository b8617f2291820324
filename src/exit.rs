//! The exit status of the program.

use std::process::ExitCode;

/// The exit status of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The command succeeded.
    Done,
    /// The command failed, or was not approved.
    Failed,
    /// The plan contains changes.
    Pending,
    /// The runbook or the command is invalid; nothing was done.
    Wrong,
    /// The user interrupted the command.
    Interrupted,
}

impl Exit {
    /// Returns the exit code.
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
