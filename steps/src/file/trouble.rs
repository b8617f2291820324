//! Describes why a file cannot be read or changed.

use std::io;

use arcbook_engine::step::{ErrorKind, StepError};

/// The reason why a file cannot be read or changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The path is that of a symbolic link.
    Link,
    /// The path is that of a directory.
    Directory,
    /// The path is that of a device, a pipe or a socket.
    Special,
    /// The directory of the file does not exist.
    NoDirectory,
    /// The user may not give the file to its owner or group.
    Owner,
    /// The user may not read the file.
    MayNotRead,
    /// The user may not write to the directory of the file.
    MayNotWrite,
    /// The disk, or the user's share of it, has no room for the file.
    Full,
    /// The file cannot be read, for the system's reason.
    Read(String),
    /// The file cannot be written, for the system's reason.
    Write(String),
}

impl Trouble {
    #[expect(clippy::needless_pass_by_value, reason = "`map_err` hands it over")]
    pub fn unreadable(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::PermissionDenied => Self::MayNotRead,
            io::ErrorKind::NotADirectory => Self::NoDirectory,
            _ => Self::Read(error.to_string()),
        }
    }

    #[expect(clippy::needless_pass_by_value, reason = "`map_err` hands it over")]
    pub fn unwritable(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::PermissionDenied => Self::MayNotWrite,
            io::ErrorKind::NotADirectory => Self::NoDirectory,
            io::ErrorKind::IsADirectory => Self::Directory,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
                Self::Full
            }
            _ => Self::Write(error.to_string()),
        }
    }

    pub fn uncreatable(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::NotFound { Self::NoDirectory } else { Self::unwritable(error) }
    }

    /// Returns the trouble that a file has disappeared.
    pub fn missing() -> Self {
        Self::unwritable(io::ErrorKind::NotFound.into())
    }

    /// Returns the error of the step. It does not quote the path, which may come from outside the runbook.
    pub fn error(&self) -> StepError {
        let (summary, help) = match self {
            Self::Link => (
                "the path is that of a symbolic link, which arcbook does not follow",
                "write the path of the file that the link leads to; links above the file are followed",
            ),
            Self::Directory => ("the path is that of a directory", "write the path of a file"),
            Self::Special => {
                ("the path is that of a device, a pipe or a socket", "write the path of a regular file")
            }
            Self::NoDirectory => (
                "the directory of the file does not exist",
                "create it in an earlier step, or set `create_directories = true`",
            ),
            Self::Owner => (
                "the user that runs arcbook may not give the file to its owner or group",
                "run arcbook as root; without `owner` and `group`, a file that exists keeps its own",
            ),
            Self::MayNotRead => (
                "the user that runs arcbook may not read the file",
                "give that user read access to the file, and search access to the directories above it",
            ),
            Self::MayNotWrite => (
                "the user that runs arcbook may not write to the directory of the file",
                "give that user write access to the directory: the file is replaced as a whole",
            ),
            Self::Full => (
                "the disk has no room for the file",
                "free space on the file system of the path, or choose a path on another one",
            ),
            Self::Read(_) => ("the file cannot be read", "check the disk and the file system"),
            Self::Write(_) => {
                ("the file cannot be written", "check the free space of the disk and the file system")
            }
        };
        let argument = if *self == Self::Owner { "owner" } else { "path" };
        let error = StepError::new(ErrorKind::Local, summary).argument(argument).help(help);
        match self {
            Self::Read(reason) | Self::Write(reason) => error.detail(format!("{reason}.")),
            _ => error,
        }
    }
}
