//! One run of one program.

use std::io::Read as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use wait4::Wait4 as _;

/// The cost of a run.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// Time from just before the program starts until it exits.
    pub wall: Duration,
    /// Processor time, in user mode and in the system, of the program and its children.
    pub cpu: Duration,
    /// Maximum resident memory, in bytes, of the program or a child, whichever had more.
    ///
    /// The system starts counting before the program is loaded, so the value is at least that of this
    /// program: about 3 MiB.
    pub memory: u64,
}

/// Runs `command` with the given input until it exits; if it fails, the error has its standard error.
pub fn run(command: &mut Command, input: impl Into<Stdio>) -> Result<Run> {
    let command = command.stdin(input).stdout(Stdio::null()).stderr(Stdio::piped());
    let start = Instant::now();
    let mut child = command.spawn().with_context(|| format!("{command:?} cannot be started"))?;
    let mut complaint = String::new();
    if let Some(mut stderr) = child.stderr.take() {
        stderr.read_to_string(&mut complaint)?;
    }
    let used = child.wait4()?;
    let wall = start.elapsed();
    if !used.status.success() {
        bail!("{command:?} failed, {}:\n{complaint}", used.status);
    }
    Ok(Run { wall, cpu: used.rusage.utime + used.rusage.stime, memory: used.rusage.maxrss })
}
