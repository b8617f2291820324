//! The outputs of a program that is being ended.

use tokio::process::{ChildStderr, ChildStdout};

/// The outputs of a program.
#[derive(Default)]
pub(crate) struct Outputs {
    pub stdout: Option<ChildStdout>,
    pub stderr: Option<ChildStderr>,
}

/// The outputs that are read and dropped: a program that writes during its cleanup must not die of a closed pipe, nor
/// wait for a reader.
pub(super) struct Pipes {
    #[cfg(unix)]
    read: Vec<std::fs::File>,
    /// The outputs that are only kept open.
    #[cfg(unix)]
    _unread: Vec<std::fs::File>,
    #[cfg(windows)]
    _unread: Outputs,
}

#[cfg(unix)]
impl Pipes {
    /// The number of reads of an output at each look.
    const MOST_READS: usize = 64;

    pub fn of(outputs: Outputs) -> Self {
        let stdout = outputs.stdout.and_then(|pipe| pipe.into_owned_fd().ok());
        let stderr = outputs.stderr.and_then(|pipe| pipe.into_owned_fd().ok());
        let pipes = stdout.into_iter().chain(stderr).map(std::fs::File::from);
        // A pipe that blocks would block the thread, so it stays unread.
        let (read, unread) = pipes.partition(is_unblocked);
        Self { read, _unread: unread }
    }

    /// Drops the present output. The pipes do not block.
    pub fn drain(&mut self) {
        let mut buffer = [0; 4096];
        for output in &mut self.read {
            for _ in 0..Self::MOST_READS {
                match std::io::Read::read(output, &mut buffer) {
                    Ok(1..) => {}
                    _ => break,
                }
            }
        }
    }
}

/// Returns true if reading the pipe does not block from now on.
#[cfg(unix)]
fn is_unblocked(pipe: &std::fs::File) -> bool {
    use nix::fcntl::{FcntlArg, OFlag, fcntl};

    fcntl(pipe, FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).is_ok()
}

#[cfg(windows)]
impl Pipes {
    /// Keeps both outputs open, unread: a read may be under way, and a second one of the same pipe is not possible.
    pub fn of(outputs: Outputs) -> Self {
        Self { _unread: outputs }
    }

    #[expect(clippy::unused_self, clippy::needless_pass_by_ref_mut, reason = "on Unix it reads")]
    pub fn drain(&mut self) {}
}
