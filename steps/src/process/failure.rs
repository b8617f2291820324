//! Describes why a program did not start.

use std::io;

use arcbook_engine::step::{ErrorKind, StepError};

/// The errors of the system for a file in a format that it cannot execute: `ENOEXEC`.
#[cfg(unix)]
const NO_PROGRAM: [i32; 1] = [libc::ENOEXEC];

/// The same on Windows: `ERROR_BAD_EXE_FORMAT` and `ERROR_EXE_MACHINE_TYPE_MISMATCH`.
#[cfg(not(unix))]
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
        let (summary, help) = self.told();
        let help = self.help_on_windows().filter(|_| cfg!(windows)).unwrap_or(help);
        let argument = if *self == Self::NoDirectory { "directory" } else { argument };
        let error = StepError::new(ErrorKind::Local, summary).argument(argument).help(help);
        match self {
            Self::Other(reason) | Self::Lost(reason) => error.detail(format!("{reason}.")),
            _ => error,
        }
    }

    /// Returns the summary and the remedy.
    fn told(&self) -> (&'static str, &'static str) {
        match self {
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
        }
    }

    /// Returns the remedy on Windows, if it is another one there.
    fn help_on_windows(&self) -> Option<&'static str> {
        match self {
            Self::NotFound => Some("check its path, with its ending; a relative path starts at `directory`"),
            Self::NotExecutable => Some(
                "let that user execute the file: `icacls FILE /grant \"${env:USERNAME}:RX\"`; check that no policy for applications and no virus scanner forbids it",
            ),
            Self::NoProgram => Some(
                "Windows starts programs, and `.bat` and `.cmd` files: start another script with its interpreter, as in `powershell.exe -File FILE`; a program must be made for this machine",
            ),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_remedy_is_one_of_the_platform() {
        for (failure, posix, windows) in [
            (Failure::NotFound, "in its first line", Some("with its ending")),
            (Failure::NotExecutable, "`chmod +x FILE`", Some("`icacls FILE /grant \"${env:USERNAME}:RX\"`")),
            (Failure::NoProgram, "`#!/bin/sh`", Some("`powershell.exe -File FILE`")),
            (Failure::IsDirectory, "the path of a file", None),
        ] {
            assert!(failure.told().1.contains(posix), "{failure:?}");
            let other = failure.help_on_windows();
            assert_eq!(other.is_some(), windows.is_some(), "{failure:?}");
            assert!(other.unwrap_or_default().contains(windows.unwrap_or_default()), "{other:?}");
        }
    }

    #[test]
    fn a_file_that_is_no_program_is_told_apart() {
        let error = io::Error::from_raw_os_error(NO_PROGRAM[0]);
        assert_eq!(Failure::of(&error), Failure::NoProgram);
    }
}
