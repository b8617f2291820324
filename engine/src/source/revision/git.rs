//! Runs `git`, so that it reads objects and does nothing else.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use super::RevisionError;
use crate::source::file_system::too_large;

/// The variables that select another repository than that of the directory, or change what it contains.
const LOCAL: [&str; 14] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_PARAMETERS",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
];

/// The program, in a directory of a repository.
#[derive(Debug)]
pub struct Git {
    directory: PathBuf,
}

impl Git {
    pub fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// Runs a command, and returns its output.
    pub fn run(&self, arguments: &[&str]) -> Result<Vec<u8>, RevisionError> {
        let output =
            self.command(arguments).stderr(Stdio::piped()).output().map_err(|error| not_started(&error))?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let reason = String::from_utf8_lossy(&output.stderr);
        Err(RevisionError::Failed { reason: reason.trim().trim_start_matches("fatal: ").to_owned() })
    }

    /// Runs a command, and returns the path that it prints.
    pub fn path(&self, arguments: &[&str]) -> Result<PathBuf, RevisionError> {
        let output = self.run(arguments)?;
        Ok(super::tree::os_string(output.strip_suffix(b"\n").unwrap_or(&output)).into())
    }

    /// Starts a process that reads blobs.
    pub fn blobs(&self) -> io::Result<Blobs> {
        let mut command = self.command(&["cat-file", "--batch"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(requests), Some(answers)) => {
                Ok(Blobs { child, requests, answers: BufReader::new(answers) })
            }
            _ => Err(ErrorKind::BrokenPipe.into()),
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        for name in LOCAL {
            command.env_remove(name);
        }
        command
            // A partial clone would fetch a missing object.
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("GIT_ALLOW_PROTOCOL", "")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("LC_ALL", "C")
            .arg("-C")
            .arg(&self.directory)
            // A replaced object is not the one that was committed.
            .args(["--no-pager", "--no-replace-objects"])
            .args(arguments)
            .stdin(Stdio::null())
            .stderr(Stdio::null());
        command
    }
}

fn not_started(error: &io::Error) -> RevisionError {
    match error.kind() {
        ErrorKind::NotFound => RevisionError::NoGit,
        _ => RevisionError::Failed { reason: error.to_string() },
    }
}

/// A process that reads blobs one after the other.
#[derive(Debug)]
pub struct Blobs {
    child: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Blobs {
    /// Returns the bytes of a blob.
    pub fn read(&mut self, id: &str, most: u64) -> io::Result<Vec<u8>> {
        writeln!(self.requests, "{id}")?;
        self.requests.flush()?;
        let mut header = String::new();
        self.answers.read_line(&mut header)?;
        let size = match header.split_whitespace().collect::<Vec<_>>()[..] {
            [_, "blob", size] => size.parse::<u64>().ok(),
            _ => None,
        };
        let size = size.ok_or_else(|| io::Error::other("the repository lacks its content"))?;
        if size > most {
            return Err(too_large(most));
        }
        let mut bytes = Vec::new();
        self.answers.by_ref().take(size + 1).read_to_end(&mut bytes)?;
        match bytes.pop() {
            Some(b'\n') if bytes.len() as u64 == size => Ok(bytes),
            _ => Err(ErrorKind::UnexpectedEof.into()),
        }
    }
}

impl Drop for Blobs {
    /// Ends the process, so that none is left behind.
    fn drop(&mut self) {
        // Both fail only if the process has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
