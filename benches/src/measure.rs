//! One run of one program.

use std::io::Read as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use wait4::Wait4 as _;

/// What a run cost.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// From before the program was started until it was over.
    pub wall: Duration,
    /// Time on a processor, in user mode and in the system, of the program and of all it started.
    pub cpu: Duration,
    /// The most memory resident, in bytes: of the program or of one that it started, whichever had more.
    ///
    /// The system counts from before the program is loaded, so it is no less than what this program has: about 3 MiB.
    pub memory: u64,
}

/// Runs `command` to its end with that input; fails with what it wrote to its standard error when it fails.
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
