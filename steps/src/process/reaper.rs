//! Ends process groups that nobody waits for any more.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use arcbook_os::process_group::ProcessGroup;
use tokio::process::Child;

use super::pipes::{Outputs, Pipes};

/// The time that processes have for their own cleanup after SIGTERM.
const GRACE: Duration = Duration::from_secs(5);

/// The time that is left for it when arcbook exits.
const GRACE_AT_EXIT: Duration = Duration::from_millis(500);

/// The time between two looks at a process group.
const LOOK: Duration = Duration::from_millis(5);

/// The time in which the system removes a killed process.
const REMOVAL: Duration = Duration::from_secs(1);

/// Ends the process groups of aborted steps: SIGTERM, or Ctrl-Break on Windows, then SIGKILL after a grace period.
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
    pub fn end(&self, child: Child, processes: ProcessGroup, outputs: Outputs) {
        let group = Group::of(child, processes, outputs);
        if !group.processes.terminate() {
            // Nothing would end them during the grace period.
            group.processes.kill();
        }
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
                if let Some(group) = lock(&shared).take() {
                    group.processes.kill();
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
            group.processes.kill();
            break;
        }
        group.outputs.drain();
        std::thread::sleep(LOOK);
    }
    let deadline = Instant::now() + REMOVAL;
    while !group.has_ended() && Instant::now() < deadline {
        std::thread::sleep(LOOK);
    }
}

/// A program that leads a process group.
struct Group {
    child: Child,
    processes: ProcessGroup,
    outputs: Pipes,
}

impl Group {
    fn of(child: Child, processes: ProcessGroup, outputs: Outputs) -> Self {
        Self { child, processes, outputs: Pipes::of(outputs) }
    }

    /// Returns true if no process of the group is left.
    fn has_ended(&mut self) -> bool {
        // The leader is reaped first: as long as it is a zombie, the group exists.
        let leader_ended = !matches!(self.child.try_wait(), Ok(None));
        leader_ended && self.processes.is_empty()
    }
}
