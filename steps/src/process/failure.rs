//! Describes why a program did not start.

use std::io;

use arcbook_engine::step::{ErrorKind, StepError};

/// The errors of the system for a file in a format that it cannot execute: `ENOEXEC`.
#[cfg(unix)]
const NO_PROGRAM: [i32; 1] = [libc::ENOEXEC];

/// The errors of the system for a file in a format that it cannot execute: `ERROR_BAD_EXE_FORMAT`, and
/// `ERROR_EXE_MACHINE_TYPE_MISMATCH`.
#[cfg(windows)]
const NO_PROGRAM: [i32; 2] = [193, 216];

/// The reason why a program did not start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// No directory in `PATH` contains the program.
    NotInPath,
    /// There is no file at the path.
    NotFound,
    /// The path is that of a directory.
    IsDirectory,
    /// The user may not search a directory in the path.
    Denied,
    /// The user may not execute the file.
    NotExecutable,
    /// The file has no format that the system can execute.
    NoProgram,
    /// The working directory is missing or is no directory.
    NoDirectory,
    /// Any other reason, in the words of the system.
    Other(String),
    /// The program was started, but its end could not be awaited, for the reason in the words of the system.
    Lost(String),
}

impl Failure {
    /// Returns the reason that the start of a program failed with.
    pub fn of(error: &io::Error) -> Self {
        if error.raw_os_error().is_some_and(|code| NO_PROGRAM.contains(&code)) {
            return Self::NoProgram;
        }
        match error.kind() {
            io::ErrorKind::NotFound => Self::NotFound,
            io::ErrorKind::PermissionDenied => Self::NotExecutable,
            _ => Self::Other(error.to_string()),
        }
    }

    /// Returns true if the program was not started.
    pub fn is_before_start(&self) -> bool {
        !matches!(self, Self::Lost(_))
    }

    /// Returns the error of the step; `argument` names the program, whose value is not quoted.
    pub fn error(&self, argument: &'static str) -> StepError {
        let (summary, help) = match self {
            Self::NotInPath => (
                "the program is not in PATH",
                "install it, or write the path of its file; `environment` and `inherit_environment` decide which PATH counts",
            ),
            Self::NotFound => (
                "the program does not exist",
                "check its path, and that of the interpreter in its first line; a relative path starts at `directory`",
            ),
            Self::IsDirectory => ("the program is a directory", "write the path of a file"),
            Self::Denied => (
                "the user that runs arcbook may not reach the program",
                "give that user the permission to search every directory in its path",
            ),
            Self::NotExecutable => (
                "the user that runs arcbook may not execute the program",
                "give the file the execute permission: `chmod +x FILE`; check that its file system is not mounted with `noexec`",
            ),
            Self::NoProgram => (
                "the system cannot execute the file",
                "a script needs a first line such as `#!/bin/sh`; a binary must be made for this machine",
            ),
            Self::NoDirectory => (
                "the working directory does not exist",
                "create it in an earlier step; a relative path starts at the directory of the runbook",
            ),
            Self::Lost(_) => ("the end of the program is unknown", "check its effect yourself"),
            Self::Other(_) => ("the program could not be started", "run it by hand as the same user"),
        };
        let argument = if *self == Self::NoDirectory { "directory" } else { argument };
        let error = StepError::new(ErrorKind::Local, summary).argument(argument).help(help);
        match self {
            Self::Other(reason) | Self::Lost(reason) => error.detail(format!("{reason}.")),
            _ => error,
        }
    }
}
