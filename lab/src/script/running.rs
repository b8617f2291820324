//! A script and its state.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use time::OffsetDateTime;
use tokio::task::JoinHandle;

use super::process::{self, Ended};
use crate::clock;
use crate::world::ScriptEnd;

/// A script to run.
pub(crate) struct Task {
    pub text: String,
    /// The parameters by name; those without a name are positional.
    pub parameters: Vec<(String, String)>,
    /// The time limit; none if `None`.
    pub seconds: Option<u64>,
}

/// A running or ended script. Dropping it ends the process.
pub(crate) struct Script {
    state: Arc<Mutex<State>>,
    task: Option<JoinHandle<()>>,
}

/// A declared end of a script that does not run.
#[derive(Clone, Debug)]
struct Declared {
    at: Instant,
    ended: Ended,
}

/// The state of a script, as a run command shows it.
#[derive(Clone, Debug)]
struct State {
    execution: &'static str,
    exit_code: i32,
    output: String,
    error: String,
    message: String,
    started: Option<OffsetDateTime>,
    ended: Option<OffsetDateTime>,
    /// The end of a script that does not run, until it has come.
    declared: Option<Declared>,
}

impl State {
    fn new(execution: &'static str) -> Self {
        let (output, error, message) = (String::new(), String::new(), String::new());
        Self { execution, exit_code: 0, output, error, message, started: None, ended: None, declared: None }
    }
}

impl Script {
    /// Starts a script, on the current runtime.
    pub(crate) fn start(task: Task) -> Self {
        let state = Arc::new(Mutex::new(State { started: Some(clock::now()), ..State::new("Running") }));
        let own = Arc::clone(&state);
        let limit = task.seconds.map(Duration::from_secs);
        let task = tokio::spawn(async move {
            let ended = process::run(&task.text, &task.parameters, limit).await;
            let mut state = own.lock().unwrap_or_else(PoisonError::into_inner);
            state.end(ended);
        });
        Self { state, task: Some(task) }
    }

    /// Returns a script that does not run, and ends as declared.
    pub(crate) fn declared(end: &ScriptEnd) -> Self {
        let ended =
            Ended { exit_code: Some(end.exit_code), output: end.output.clone(), error: end.error.clone() };
        let at = Instant::now() + Duration::from_millis(end.milliseconds);
        let declared = Some(Declared { at, ended });
        let state = State { started: Some(clock::now()), declared, ..State::new("Running") };
        Self { state: Arc::new(Mutex::new(state)), task: None }
    }

    /// Returns a script that does not run, for this reason.
    pub(crate) fn refused(message: &str) -> Self {
        let state = State { exit_code: -1, message: message.to_owned(), ..State::new("Failed") };
        Self { state: Arc::new(Mutex::new(state)), task: None }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns true if the script has ended, and its state stays the same from now on.
    pub(crate) fn is_over(&self, now: Instant) -> bool {
        let mut state = self.lock();
        if let Some(declared) = state.declared.take_if(|declared| declared.at <= now) {
            state.end(Ok(declared.ended));
        }
        state.execution != "Running"
    }

    /// Returns the `instanceView` of the run command.
    pub(crate) fn view(&self) -> Value {
        let state = self.lock();
        let mut view = json!({
            "executionState": state.execution,
            "executionMessage": state.message,
            "exitCode": state.exit_code,
            "output": state.output,
            "error": state.error,
        });
        for (name, time) in [("startTime", state.started), ("endTime", state.ended)] {
            if let Some(time) = time {
                view[name] = clock::iso(time).into();
            }
        }
        view
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

impl State {
    fn end(&mut self, ended: std::io::Result<Ended>) {
        self.ended = Some(clock::now());
        match ended {
            Ok(Ended { exit_code, output, error }) => {
                self.execution = match exit_code {
                    Some(0) => "Succeeded",
                    Some(_) => "Failed",
                    None => "TimedOut",
                };
                (self.exit_code, self.output, self.error) = (exit_code.unwrap_or(-1), output, error);
            }
            Err(error) => {
                (self.execution, self.exit_code) = ("Failed", -1);
                self.message = format!("The script could not be started: {error}");
            }
        }
    }
}
