//! Ends process groups that nobody waits for any more.

#[cfg(unix)]
use std::io::Read as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

#[cfg(unix)]
use nix::sys::signal::{Signal, killpg};
#[cfg(unix)]
use nix::unistd::Pid;
use tokio::process::{Child, ChildStderr, ChildStdout};

/// The time that processes have for their own cleanup after SIGTERM.
const GRACE: Duration = Duration::from_secs(5);

/// The time that is left for it when arcbook exits.
const GRACE_AT_EXIT: Duration = Duration::from_millis(500);

/// The time between two looks at a process group.
const LOOK: Duration = Duration::from_millis(5);

/// The number of reads of an output at each look.
#[cfg(unix)]
const MOST_READS: usize = 64;

/// The time in which the system removes a killed process.
const REMOVAL: Duration = Duration::from_secs(1);

/// Ends the process groups of aborted steps: SIGTERM, then SIGKILL after a grace period.
///
/// A step that is aborted is dropped and cannot wait, so a thread for each group does. A command waits for these
/// threads before it ends ([`Reaper::finish`]), so no process outlives arcbook.
#[derive(Debug, Default)]
pub(crate) struct Reaper {
    ending: Mutex<Vec<JoinHandle<()>>>,
    exit: Arc<Mutex<Option<Instant>>>,
}

impl Reaper {
    /// Ends `child` and the processes of its group, which may still write to `outputs`.
    pub fn end(&self, child: Child, outputs: Outputs) {
        let mut group = Group::of(child, outputs);
        group.terminate();
        let exit = Arc::clone(&self.exit);
        let shared = Arc::new(Mutex::new(Some(group)));
        let own = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("reaper".to_owned()).spawn(move || {
            if let Some(group) = lock(&own).take() {
                watch(group, &exit);
            }
        });
        let mut ending = lock(&self.ending);
        ending.retain(|thread| !thread.is_finished());
        match thread {
            Ok(thread) => ending.push(thread),
            // Without a thread, nobody can wait.
            Err(_) => {
                if let Some(mut group) = lock(&shared).take() {
                    group.kill();
                }
            }
        }
    }
}

impl Reaper {
    /// Does the last `work` of a dropped step on a thread with this name; it must end by itself after a short time.
    pub fn call(&self, name: &str, work: impl FnOnce() + Send + 'static) {
        let mut ending = lock(&self.ending);
        ending.retain(|thread| !thread.is_finished());
        // Without a thread, the work is left out.
        ending.extend(std::thread::Builder::new().name(name.to_owned()).spawn(work));
    }

    /// Waits until every group has ended, and shortens the grace period.
    pub fn finish(&self) {
        *lock(&self.exit) = Some(Instant::now() + GRACE_AT_EXIT);
        for thread in lock(&self.ending).drain(..) {
            drop(thread.join());
        }
    }
}

impl Drop for Reaper {
    fn drop(&mut self) {
        self.finish();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits until the group has ended, and kills it at the end of the grace period.
fn watch(mut group: Group, exit: &Mutex<Option<Instant>>) {
    let deadline = Instant::now() + GRACE;
    while !group.has_ended() {
        let deadline = lock(exit).map_or(deadline, |exit| exit.min(deadline));
        if Instant::now() >= deadline {
            group.kill();
            break;
        }
        group.drain();
        std::thread::sleep(LOOK);
    }
    let deadline = Instant::now() + REMOVAL;
    while !group.has_ended() && Instant::now() < deadline {
        std::thread::sleep(LOOK);
    }
}

/// The outputs of a program.
#[derive(Default)]
pub(crate) struct Outputs {
    pub stdout: Option<ChildStdout>,
    pub stderr: Option<ChildStderr>,
}

/// A program that leads a process group.
struct Group {
    child: Child,
    /// The outputs: a program that writes during its cleanup must not die of a closed pipe.
    #[cfg(unix)]
    outputs: Vec<std::fs::File>,
    /// The outputs that are only kept open.
    #[cfg(unix)]
    _unread: Vec<std::fs::File>,
    #[cfg(unix)]
    id: Option<Pid>,
}

#[cfg(unix)]
impl Group {
    fn of(child: Child, outputs: Outputs) -> Self {
        let id = child.id().and_then(|id| i32::try_from(id).ok()).map(Pid::from_raw);
        let stdout = outputs.stdout.and_then(|pipe| pipe.into_owned_fd().ok());
        let stderr = outputs.stderr.and_then(|pipe| pipe.into_owned_fd().ok());
        let pipes = stdout.into_iter().chain(stderr).map(std::fs::File::from);
        // A pipe that blocks would block the thread, so it stays unread.
        let (outputs, unread): (Vec<_>, Vec<_>) = pipes.partition(is_unblocked);
        Self { child, outputs, _unread: unread, id }
    }

    fn send(&self, signal: Option<Signal>) -> bool {
        self.id.is_some_and(|id| killpg(id, signal).is_ok())
    }

    /// Asks the processes to end; a stopped process continues, so that it gets the signal.
    fn terminate(&mut self) {
        self.send(Some(Signal::SIGTERM));
        self.send(Some(Signal::SIGCONT));
    }

    fn kill(&mut self) {
        self.send(Some(Signal::SIGKILL));
    }

    /// Drops the present output, so that no process waits for a reader. The pipes do not block.
    fn drain(&mut self) {
        let mut buffer = [0; 4096];
        for output in &mut self.outputs {
            for _ in 0..MOST_READS {
                match output.read(&mut buffer) {
                    Ok(1..) => {}
                    _ => break,
                }
            }
        }
    }

    /// Returns true if no process of the group is left.
    fn has_ended(&mut self) -> bool {
        // The leader is reaped first: as long as it is a zombie, the group exists.
        let leader_ended = !matches!(self.child.try_wait(), Ok(None));
        leader_ended && !self.send(None)
    }
}

/// Returns true if reading the pipe does not block from now on.
#[cfg(unix)]
fn is_unblocked(pipe: &std::fs::File) -> bool {
    use nix::fcntl::{FcntlArg, OFlag, fcntl};

    fcntl(pipe, FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).is_ok()
}

#[cfg(not(unix))]
impl Group {
    fn of(child: Child, _outputs: Outputs) -> Self {
        Self { child }
    }

    fn terminate(&mut self) {
        self.kill();
    }

    fn kill(&mut self) {
        drop(self.child.start_kill());
    }

    fn drain(&mut self) {}

    fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }
}
