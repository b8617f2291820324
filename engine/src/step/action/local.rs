//! Describes the use of files and programs on this machine.

use super::Text;

/// A regular file that a step reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRead {
    /// The path; a relative one is based on the runbook's directory.
    pub path: Text,
    /// The argument that names it.
    pub argument: &'static str,
    /// The size limit, in bytes.
    pub most: u64,
}

/// A file that a step writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileWrite {
    /// The path; a relative one is based on the runbook's directory.
    pub path: Text,
    /// The permission bits, such as `0o600`; none if those of an existing file are kept.
    pub mode: Option<u32>,
}

/// A program that a step runs, without a shell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Process {
    /// The program and its arguments.
    pub argv: Vec<Text>,
    /// The names of the environment variables that the step sets, in order.
    pub environment: Vec<String>,
    /// The working directory; a relative one is based on the runbook's directory. None is that directory.
    pub directory: Option<Text>,
}

impl Process {
    /// Returns the texts that identify the program and its arguments.
    pub(super) fn texts(&self) -> impl Iterator<Item = &Text> {
        self.argv.iter().chain(&self.directory)
    }
}
