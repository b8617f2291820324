//! The phases before a run.

use std::io::IsTerminal;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use arcbook_engine::diagnostic::visible_line;
use serde_json::json;

use super::silence::{SILENCE, silence};
use super::words::length;
use crate::screen::Screen;

/// The interval between redraws at a terminal.
const TICK: Duration = Duration::from_millis(200);

/// Reports a long activity on standard error until it is dropped.
///
/// It has its own thread, because a huge plan occupies the program's only other one.
pub struct Phase {
    over: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Phase {
    /// Begins a phase; `doing` is called for each report.
    pub fn begin(screen: &Screen, doing: impl Fn() -> String + Send + 'static) -> Self {
        Self::begin_quiet(screen, SILENCE, doing)
    }

    /// Begins a phase that is reported once it takes longer than `quiet`.
    pub fn begin_quiet(
        screen: &Screen,
        quiet: Duration,
        doing: impl Fn() -> String + Send + 'static,
    ) -> Self {
        if screen.quiet {
            return Self { over: None, thread: None };
        }
        let (over, ends) = mpsc::channel();
        let teller = Teller { screen: screen.clone(), began: Instant::now() };
        let thread = std::thread::spawn(move || {
            let is_watched = std::io::stderr().is_terminal();
            let is_drawn = teller.screen.draws_notes();
            let (mut wait, mut signs) = (quiet, 0);
            while ends.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                teller.tell(&doing(), is_drawn);
                signs += 1;
                wait = if is_drawn { TICK } else { silence(signs, is_watched) };
            }
            if is_drawn && wait == TICK {
                teller.screen.draw_note("");
            }
        });
        Self { over: Some(over), thread: Some(thread) }
    }
}

impl Drop for Phase {
    fn drop(&mut self) {
        self.over = None;
        if let Some(thread) = self.thread.take() {
            // The thread has already printed its own panic.
            let _ = thread.join();
        }
    }
}

struct Teller {
    screen: Screen,
    began: Instant,
}

impl Teller {
    fn tell(&self, doing: &str, is_drawn: bool) {
        let elapsed = self.began.elapsed();
        let line = format!("{}, {}", visible_line(doing), length(elapsed));
        if is_drawn {
            self.screen.draw_note(&line);
        } else if self.screen.json {
            let elapsed = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
            self.screen
                .note_object(&json!({ "event": "waiting", "elapsed_milliseconds": elapsed, "doing": doing }));
        } else {
            self.screen.note(&line);
        }
    }
}
