//! A program that a test kills while it runs.

use std::io::Read as _;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard};

use crate::support::started;

/// A program that is killed as by `kill -9`; clones share it.
#[derive(Clone, Default)]
pub struct Victim(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    child: Option<Child>,
    was_killed: bool,
}

impl Victim {
    /// Runs the program to its end; returns true if it was killed before.
    pub fn run(&self, command: &mut Command) -> bool {
        // Whoever kills waits for this lock, so the program is known before it is killed.
        let mut state = self.lock();
        let mut child = started(command.stdout(Stdio::piped()).stderr(Stdio::null()));
        let mut out = child.stdout.take().expect("piped");
        state.child = Some(child);
        drop(state);
        out.read_to_end(&mut Vec::new()).expect("its output ends with it");
        let mut state = self.lock();
        state.child.take().expect("it was started").wait().expect("ours");
        state.was_killed
    }

    /// Kills the program, unless it has ended.
    pub fn kill(&self) {
        let mut state = self.lock();
        let child = state.child.as_mut().expect("it is running");
        if child.try_wait().expect("ours").is_none() {
            child.kill().expect("killed");
            state.was_killed = true;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("whole")
    }
}
