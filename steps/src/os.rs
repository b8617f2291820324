//! The operating systems whose agents and shells arcbook knows.

/// An operating system, with its syntax of paths and its commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Os {
    /// Linux and its relatives: `/a/b`, and a POSIX shell.
    Linux,
    /// Windows: `C:\a\b`, and PowerShell.
    Windows,
}

impl Os {
    /// The operating system of this machine, and so of its agent.
    pub const HERE: Self = if cfg!(windows) { Self::Windows } else { Self::Linux };
}
